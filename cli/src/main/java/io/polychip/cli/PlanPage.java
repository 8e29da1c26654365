package io.polychip.cli;

/** A plan as one HTML page. */
final class PlanPage {
    private PlanPage() {}

    static String html(PlanBook book) {
        return new io.polychip.report.Page("Plan", PlanText.verdict(book)).html();
    }
}
