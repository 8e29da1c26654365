package io.polychip.report;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One colour per name, the same on every plot of every page: vendors have theirs for good, others get the next free one
 * in the order they are asked for, and never a vendor's, lest a fleet's bar be read as a vendor's. Vendors' hues are
 * those of Okabe and Ito ("Color Universal Design", 2008), told apart by people with any of the common colour
 * weaknesses; the others also differ in lightness. On a dark ground all are lifted. Not thread-safe.
 */
public final class Palette {
    private static final Colour GREEN = new Colour("#009e73", "#1fc796");
    private static final Colour VERMILION = new Colour("#d55e00", "#f0762b");
    private static final Colour ORANGE = new Colour("#e69f00", "#f0b429");
    private static final Colour BLUE = new Colour("#0072b2", "#4a9fe0");
    private static final Colour PURPLE = new Colour("#cc79a7", "#dd92bb");
    private static final Colour SKY = new Colour("#56b4e9", "#7cc8f2");
    private static final Colour YELLOW = new Colour("#b8a800", "#f0e442");
    private static final Colour GREY = new Colour("#777777", "#a0a0a0");

    private static final Map<String, Colour> VENDORS = Map.of(
            "nvidia", GREEN,
            "amd", VERMILION,
            "aws", ORANGE,
            "google", BLUE,
            "groq", PURPLE,
            "cerebras", SKY,
            "intel", YELLOW,
            "cpu", GREY);

    private static final List<Colour> OTHERS = List.of(
            new Colour("#4141a8", "#9c9cff"), // indigo
            new Colour("#a0703a", "#d3a46a"), // brown
            new Colour("#8494a3", "#b4c3d1"), // slate
            new Colour("#7a1f4b", "#e07aae"), // maroon
            new Colour("#1d6a72", "#5fc1cc"), // teal
            new Colour("#7c8a2a", "#bccb5f")); // olive

    private final Map<String, Colour> given = new HashMap<>();
    private final Map<String, List<String>> families = new HashMap<>();
    private int next;

    /** Of a vendor, a fleet, a policy, a class. */
    public Colour of(String name) {
        Colour vendor = VENDORS.get(name);
        if (vendor != null) {
            return vendor;
        }
        return given.computeIfAbsent(name, fresh -> {
            Colour hue = OTHERS.get(next % OTHERS.size());
            return hue.shade(next++ / OTHERS.size());
        });
    }

    /** Of a member of a family: a pool of a vendor. The first has the family's own colour, the others shades of it. */
    public Colour of(String family, String member) {
        List<String> members = families.computeIfAbsent(family, none -> new ArrayList<>());
        if (!members.contains(member)) {
            members.add(member);
        }
        return of(family).shade(members.indexOf(member));
    }
}
