package io.polychip.routing;

import io.polychip.fleet.RequestClass;

/** Requests for tests: an ordinary one, and what differs from it. */
record Asks(
        long seed,
        String model,
        String tenant,
        RequestClass requestClass,
        double weight,
        int prompt,
        int maxTokens,
        int needs,
        boolean stream,
        long conversation,
        long[] hashes,
        int[] tokens,
        int output,
        long fingerprint) {
    static Asks plain() {
        return new Asks(
                1, Fleets.MODEL, "acme", RequestClass.DEFAULT, 1, 500, 0, 0, true, 0, new long[0], new int[0], 100, 42);
    }

    Asks seed(long other) {
        return new Asks(
                other,
                model,
                tenant,
                requestClass,
                weight,
                prompt,
                maxTokens,
                needs,
                stream,
                conversation,
                hashes,
                tokens,
                output,
                other);
    }

    Asks model(String other) {
        return new Asks(
                seed,
                other,
                tenant,
                requestClass,
                weight,
                prompt,
                maxTokens,
                needs,
                stream,
                conversation,
                hashes,
                tokens,
                output,
                fingerprint);
    }

    Asks tenant(String other, double itsWeight) {
        return new Asks(
                seed,
                model,
                other,
                requestClass,
                itsWeight,
                prompt,
                maxTokens,
                needs,
                stream,
                conversation,
                hashes,
                tokens,
                output,
                fingerprint);
    }

    Asks requestClass(RequestClass other) {
        return new Asks(
                seed,
                model,
                tenant,
                other,
                weight,
                prompt,
                maxTokens,
                needs,
                stream,
                conversation,
                hashes,
                tokens,
                output,
                fingerprint);
    }

    Asks prompt(int other) {
        return new Asks(
                seed,
                model,
                tenant,
                requestClass,
                weight,
                other,
                maxTokens,
                needs,
                stream,
                conversation,
                hashes,
                tokens,
                output,
                fingerprint);
    }

    Asks output(int other) {
        return new Asks(
                seed,
                model,
                tenant,
                requestClass,
                weight,
                prompt,
                maxTokens,
                needs,
                stream,
                conversation,
                hashes,
                tokens,
                other,
                fingerprint);
    }

    Asks maxTokens(int other) {
        return new Asks(
                seed,
                model,
                tenant,
                requestClass,
                weight,
                prompt,
                other,
                needs,
                stream,
                conversation,
                hashes,
                tokens,
                output,
                fingerprint);
    }

    Asks needs(int other) {
        return new Asks(
                seed,
                model,
                tenant,
                requestClass,
                weight,
                prompt,
                maxTokens,
                other,
                stream,
                conversation,
                hashes,
                tokens,
                output,
                fingerprint);
    }

    Asks whole() {
        return new Asks(
                seed,
                model,
                tenant,
                requestClass,
                weight,
                prompt,
                maxTokens,
                needs,
                false,
                conversation,
                hashes,
                tokens,
                output,
                fingerprint);
    }

    Asks prefix(long[] newHashes, int[] newTokens) {
        return new Asks(
                seed,
                model,
                tenant,
                requestClass,
                weight,
                prompt,
                maxTokens,
                needs,
                stream,
                conversation,
                newHashes,
                newTokens,
                output,
                fingerprint);
    }

    Asks conversation(long other) {
        return new Asks(
                seed,
                model,
                tenant,
                requestClass,
                weight,
                prompt,
                maxTokens,
                needs,
                stream,
                other,
                hashes,
                tokens,
                output,
                fingerprint);
    }

    Asks fingerprint(long other) {
        return new Asks(
                seed,
                model,
                tenant,
                requestClass,
                weight,
                prompt,
                maxTokens,
                needs,
                stream,
                conversation,
                hashes,
                tokens,
                output,
                other);
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
