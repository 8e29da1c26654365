package io.polychip.net;

/**
 * Why a server itself turned a request down before any handler saw it; the connection is closed afterwards.
 *
 * @param status the HTTP status sent
 * @param code stable, for machines: {@code malformed_request}, {@code head_too_large}, {@code body_too_large},
 *     {@code request_timeout}, {@code unsupported}, {@code too_many_connections}, {@code internal_error}
 * @param message for people; ASCII without quotes, backslashes or anything the client sent
 * @param remoteAddress who it was
 */
public record Refusal(int status, String code, String message, String remoteAddress) {}
