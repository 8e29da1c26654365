package io.polychip.llama;

/** One turn of a conversation. @param role such as {@code user}; {@code content} plain text */
public record ChatMessage(String role, String content) {}
