package io.polychip.routing;

import io.polychip.fleet.RequestClass;

/** Request classes as indexes of arrays, most urgent first. */
final class Urgency {
    static final int LEVELS = 4;

    private Urgency() {}

    static int of(RequestClass requestClass) {
        return switch (requestClass) {
            case PRIORITY -> 0;
            case DEFAULT -> 1;
            case FLEX -> 2;
            case BATCH -> 3;
        };
    }
}
