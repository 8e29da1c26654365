package io.polychip.report;

/** Something drawn, and the same as a table. */
public sealed interface Plot permits Lines, Bars, Scatter {
    String title();

    /** One sentence: what to look for. */
    String caption();

    /** Every value that is drawn. */
    Grid table();
}
