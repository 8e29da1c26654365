package io.polychip.report;

/** One colour on a light and on a dark ground, as {@code #rrggbb}. */
public record Colour(String light, String dark) {
    /** For what belongs to nobody: a limit, a sum. */
    public static final Colour INK = new Colour("#444444", "#cccccc");

    /** A member of the same family: 0 is the colour itself, then lighter and darker in turn. */
    Colour shade(int index) {
        if (index == 0) {
            return this;
        }
        double step = Math.min(0.6, 0.28 * Math.ceilDiv(index, 2));
        int toward = index % 2 == 1 ? 255 : 0;
        return new Colour(mixed(light, toward, step), mixed(dark, toward, step));
    }

    private static String mixed(String colour, int toward, double part) {
        int value = Integer.parseInt(colour.substring(1), 16);
        int mixed = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            int channel = value >> shift & 0xFF;
            mixed |= (int) Math.round(channel + (toward - channel) * part) << shift;
        }
        return String.format("#%06x", mixed);
    }
}
