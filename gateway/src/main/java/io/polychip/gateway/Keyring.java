package io.polychip.gateway;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.fleet.ApiKey;
import io.polychip.protocol.OpenAiError;
import io.polychip.protocol.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells who calls, by bearer key.
 *
 * <p>Keys are kept as SHA-256 digests and looked up by digest, so that neither the time an answer takes nor a heap dump
 * tells anything of a key. One per event loop: the digest in it is not thread-safe.
 */
final class Keyring {
    private static final String BEARER = "Bearer ";
    /** Where other vendors' clients put their key. */
    private static final List<String> WRONG_HEADERS =
            List.of("x-api-key", "api-key", "x-goog-api-key", "openai-api-key");

    private static final class Entry {
        final byte[] digest;
        final Caller caller;

        Entry(byte[] digest, Caller caller) {
            this.digest = digest;
            this.caller = caller;
        }
    }

    private final MessageDigest sha256 = sha256();
    private final Map<Long, Entry> entries;
    private final byte @Nullable [] adminDigest;

    /** @param adminKey opens {@code /admin} and {@code /metrics} from elsewhere than this machine; null: none does */
    Keyring(List<ApiKey> keys, @Nullable String adminKey) {
        this.entries = HashMap.newHashMap(keys.size());
        for (ApiKey key : keys) {
            byte[] digest = digest(key.secret());
            entries.put(first(digest), new Entry(digest, new Caller(key.tenant(), key.requestClass(), key.weight())));
        }
        this.adminDigest = adminKey == null ? null : digest(adminKey);
    }

    /** @throws ProtocolException 401 that says what is wrong with the key, never what the key was */
    Caller authenticate(HttpHeaders headers) {
        if (entries.isEmpty()) {
            return Caller.ANYONE;
        }
        byte[] digest = digest(secret(headers));
        Entry entry = entries.get(first(digest));
        if (entry == null || !MessageDigest.isEqual(entry.digest, digest)) {
            throw refuse(
                    "The API key is not known here. Maybe it belongs to another service or was taken back.",
                    "invalid_api_key");
        }
        return entry.caller;
    }

    /** Whether the request carries the operator's key. */
    boolean admin(HttpHeaders headers) {
        String value = headers.get(HttpHeaderNames.AUTHORIZATION);
        return adminDigest != null
                && value != null
                && value.startsWith(BEARER)
                && MessageDigest.isEqual(adminDigest, digest(value.substring(BEARER.length())));
    }

    private static String secret(HttpHeaders headers) {
        String value = headers.get(HttpHeaderNames.AUTHORIZATION);
        if (value != null) {
            if (value.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
                return value.substring(BEARER.length()).trim();
            }
            throw refuse(
                    "The Authorization header does not begin with 'Bearer '. Expected 'Authorization: Bearer"
                            + " YOUR_KEY'.",
                    "invalid_authorization");
        }
        for (String name : WRONG_HEADERS) {
            if (headers.contains(name)) {
                throw refuse(
                        "The API key came in the header '%s', which is not read here. Expected 'Authorization: Bearer YOUR_KEY'."
                                .formatted(name),
                        "key_in_wrong_header");
            }
        }
        throw refuse(
                "You didn't provide an API key. Expected the header 'Authorization: Bearer YOUR_KEY'.",
                "missing_api_key");
    }

    private static ProtocolException refuse(String message, String code) {
        return new ProtocolException(new OpenAiError(401, message, OpenAiError.INVALID_REQUEST, null, code));
    }

    private byte[] digest(String secret) {
        return sha256.digest(secret.getBytes(StandardCharsets.UTF_8));
    }

    private static long first(byte[] digest) {
        return ByteBuffer.wrap(digest).getLong();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java has SHA-256.", e);
        }
    }
}
