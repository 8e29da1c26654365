package io.polychip.fleet;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Finds the name that was probably meant. */
public final class Names {
    private static final int SHOWN = 12;

    private Names() {}

    /**
     * The nearest of {@code known}: the shortest that contains the text, else the least edit distance, at most a third
     * of the text's length. Case does not count, nor {@code -} against {@code _}. Cost: names x length squared.
     */
    public static Optional<String> nearest(String text, Collection<String> known) {
        String wanted = plain(text);
        String best = null;
        double least = Math.max(2, wanted.length() / 3) + 0.5;
        for (String name : known.stream().sorted().toList()) {
            double far = far(wanted, plain(name));
            if (far < least) {
                least = far;
                best = name;
            }
        }
        return Optional.ofNullable(best);
    }

    /** {@code " Maybe NAME."}, or nothing when no name is near. */
    static String maybe(String text, Collection<String> known) {
        return nearest(text, known).map(name -> " Maybe " + name + ".").orElse("");
    }

    /** The names in order, for a message; the first dozen when there are more. */
    static String list(Collection<String> known) {
        String shown = known.stream().sorted().limit(SHOWN).collect(Collectors.joining(", "));
        return known.size() > SHOWN ? shown + " and " + (known.size() - SHOWN) + " more" : shown;
    }

    private static String plain(String text) {
        return text.toLowerCase(Locale.ROOT).replace('_', '-').replace(' ', '-');
    }

    /** A name that contains the text is nearer than any slip of the pen, and the nearer the less it adds. */
    private static double far(String wanted, String name) {
        if (wanted.length() > 2 && (name.contains(wanted) || (name.length() > 2 && wanted.contains(name)))) {
            return Math.abs(name.length() - wanted.length()) / 1000.0;
        }
        return distance(wanted, name);
    }

    /** Levenshtein's distance, in two rows. */
    private static int distance(String a, String b) {
        int[] above = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            above[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
                row[j] = Math.min(Math.min(row[j - 1], above[j]) + 1, above[j - 1] + change);
            }
            above = row;
        }
        return above[b.length()];
    }
}
