package io.polychip.gateway;

import io.polychip.fleet.RequestClass;

/**
 * Whose request it is.
 *
 * @param requestClass the most urgent class this caller may ask for, and the one it has when it asks for none
 * @param weight its share between tenants under load
 */
record Caller(String tenant, RequestClass requestClass, double weight) {
    /** Everybody, on a gateway without keys; such a gateway listens on loopback only. */
    static final Caller ANYONE = new Caller("anyone", RequestClass.DEFAULT, 1);
}
