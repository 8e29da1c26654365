package io.polychip.routing;

import io.polychip.fleet.RequestClass;

/** Requests for tests: an ordinary one, and what differs from it. Each change is one of a copy. */
final class Asks implements Cloneable {
    private long seed = 1;
    private String model = Fleets.MODEL;
    private String tenant = "acme";
    private RequestClass requestClass = RequestClass.DEFAULT;
    private double weight = 1;
    private int prompt = 500;
    private int maxTokens;
    private int needs;
    private boolean stream = true;
    private long conversation;
    private long[] hashes = {};
    private int[] tokens = {};
    private int output = 100;
    private long fingerprint = 42;

    static Asks plain() {
        return new Asks();
    }

    /** Another request, of another fingerprint too. */
    Asks seed(long other) {
        Asks copy = fingerprint(other);
        copy.seed = other;
        return copy;
    }

    Asks model(String other) {
        Asks copy = copy();
        copy.model = other;
        return copy;
    }

    Asks tenant(String other, double itsWeight) {
        Asks copy = copy();
        copy.tenant = other;
        copy.weight = itsWeight;
        return copy;
    }

    Asks requestClass(RequestClass other) {
        Asks copy = copy();
        copy.requestClass = other;
        return copy;
    }

    Asks prompt(int other) {
        Asks copy = copy();
        copy.prompt = other;
        return copy;
    }

    Asks output(int other) {
        Asks copy = copy();
        copy.output = other;
        return copy;
    }

    Asks maxTokens(int other) {
        Asks copy = copy();
        copy.maxTokens = other;
        return copy;
    }

    Asks needs(int other) {
        Asks copy = copy();
        copy.needs = other;
        return copy;
    }

    /** Not streamed. */
    Asks whole() {
        Asks copy = copy();
        copy.stream = false;
        return copy;
    }

    Asks prefix(long[] newHashes, int[] newTokens) {
        Asks copy = copy();
        copy.hashes = newHashes;
        copy.tokens = newTokens;
        return copy;
    }

    Asks conversation(long other) {
        Asks copy = copy();
        copy.conversation = other;
        return copy;
    }

    Asks fingerprint(long other) {
        Asks copy = copy();
        copy.fingerprint = other;
        return copy;
    }

    private Asks copy() {
        try {
            return (Asks) clone();
        } catch (CloneNotSupportedException e) {
            throw new AssertionError(e);
        }
    }

    Ask ask() {
        return new Ask(
                seed,
                model,
                tenant,
                requestClass,
                weight,
                prompt,
                prompt * 4,
                maxTokens,
                1,
                needs,
                stream,
                conversation,
                hashes,
                tokens,
                output,
                fingerprint);
    }
}
