package io.polychip.llama;

/**
 * What a server serves.
 *
 * @param name under which clients ask for the model
 */
public record LlamaOptions(ModelFiles files, String name, EngineOptions engine) {}
