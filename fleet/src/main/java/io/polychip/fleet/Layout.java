package io.polychip.fleet;

/** How one replica is spread over chips. @param data copies inside one replica that share its endpoint */
public record Layout(int tensor, int pipeline, int data) {
    public static final Layout SINGLE = new Layout(1, 1, 1);

    public int chips() {
        return tensor * pipeline * data;
    }
}
