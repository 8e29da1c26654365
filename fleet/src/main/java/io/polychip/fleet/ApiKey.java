package io.polychip.fleet;

/** Who may call. @param secret the bearer key, already resolved; never printed */
public record ApiKey(String secret, String tenant, RequestClass requestClass, double weight) {
    @Override
    public String toString() {
        return "ApiKey[" + tenant + "]";
    }
}
