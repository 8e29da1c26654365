package io.polychip.fleet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DealsReaderTest {
    private final Deals deals = read();

    @Test
    void anOfferCarriesItsDatedPriceUnitsAndDays() {
        Supply h100 = Objects.requireNonNull(deals.offer("h100"));

        assertThat(h100.usdPerChipHour()).isEqualTo(1.30);
        assertThat(h100.priced()).isEqualTo(LocalDate.of(2026, 5, 1));
        assertThat(h100.term()).isEqualTo(new Supply.Term(Supply.Term.Kind.COMMITTED, 36));
        assertThat(h100.available()).isEqualTo(new Span(LocalDate.of(2026, 12, 1), LocalDate.of(2029, 12, 31)));
        assertThat(h100.leadDays()).isEqualTo(90);
        assertThat(List.of(h100.minimumChips(), h100.maximumChips(), h100.multipleChips()))
                .containsExactly(64L, 100_000L, 8L);
        assertThat(h100.allInWatts()).as("from the catalogue").isEqualTo(1730);
        assertThat(Objects.requireNonNull(deals.offer("groq")).quota().requestsPerMinute())
                .isEqualTo(1000);
        assertThat(Objects.requireNonNull(deals.offer("h100-spot")).lostPerDay())
                .isEqualTo(0.05);
    }

    @Test
    void aDealKeepsItsPartsInOrder() {
        Deal trainium = Objects.requireNonNull(deals.deal("trainium"));

        assertThat(trainium.clauses().stream().map(Deal.Clause::name))
                .containsExactly(
                        "minimum-take-1",
                        "minimum-take-2",
                        "capacity",
                        "tiers",
                        "credit",
                        "investment-1",
                        "investment-2",
                        "investment-3",
                        "option",
                        "loan",
                        "prepayment",
                        "exclusivity",
                        "generations");
        assertThat(trainium.parts(DealPart.MinimumTake.class).findFirst())
                .contains(new DealPart.MinimumTake(
                        new Amount(Amount.Unit.USD, 5e9),
                        12,
                        new Span(LocalDate.of(2027, 1, 1), LocalDate.of(2034, 12, 31)),
                        0.97));
        assertThat(trainium.parts(DealPart.Investment.class).map(DealPart.Investment::condition))
                .containsExactly(
                        new Condition.None(),
                        new Condition.Share("aws", Condition.Measure.TOKENS, 0.3, LocalDate.of(2027, 6, 1)),
                        new Condition.Volume(
                                "aws/trainium3", new Amount(Amount.Unit.GIGAWATTS, 0.5), LocalDate.of(2028, 6, 30)));
    }

    @Test
    void whatALetterOfIntentAloneWouldSellCannotBeHadWithoutIt() {
        Deal letter = deals.deals().stream()
                .filter(deal -> deal.scenario().equals("letter"))
                .findFirst()
                .orElseThrow();
        Supply one = deals.offers().getFirst();
        Supply tied = new Supply(
                "tied",
                one.chip(),
                one.model(),
                one.provider(),
                one.region(),
                one.term(),
                one.price(),
                one.priced(),
                one.available(),
                one.leadDays(),
                one.minimumChips(),
                one.maximumChips(),
                one.multipleChips(),
                one.lostPerDay(),
                one.prepaid(),
                one.allInWatts(),
                one.quota(),
                one.labels(),
                letter.name(),
                one.source());
        Deals with = new Deals(deals.asOf(), 0, deals.scenarios(), List.of(tied), deals.deals());
        assertThat(with.base().offers()).isEmpty();
        assertThat(with.in(Set.of("letter")).offers()).containsExactly(tied);
    }

    @Test
    void theBaseCaseCountsOnNoLetterOfIntent() {
        assertThat(deals.base().deals().stream().map(Deal::name)).containsExactly("trainium");
        assertThat(Objects.requireNonNull(deals.base().deal("trainium"))
                        .parts(DealPart.Investment.class)
                        .mapToDouble(DealPart.Investment::usd)
                        .sum())
                .isEqualTo(35e9);
        assertThat(deals.in(Set.of("letter")).deals()).hasSize(2);
        assertThat(Objects.requireNonNull(deals.in(Set.of("ipo")).deal("trainium"))
                        .parts(DealPart.Investment.class))
                .hasSize(3);
    }

    @Test
    void whatComesWithADealGoesWithIt() {
        assertThat(deals.without("trainium").offers().stream().map(Supply::name))
                .containsExactly("h100", "h100-spot", "trn2", "groq");
        assertThat(deals.without("trainium").deal("trainium")).isNull();
    }

    @Test
    void tiersPayPartByPartOrForAll() {
        List<DealPart.Step> steps = List.of(new DealPart.Step(100, 0.1), new DealPart.Step(300, 0.2));

        assertThat(new DealPart.Tiers(false, 12, steps).pay(400)).isCloseTo(100 + 180 + 80, within(1e-9));
        assertThat(new DealPart.Tiers(true, 12, steps).pay(400)).isCloseTo(320, within(1e-9));
        assertThat(new DealPart.Tiers(true, 12, steps).pay(90)).isCloseTo(90, within(1e-9));
        assertThat(new DealPart.Tiers(true, 12, steps).pay(300))
                .as("a step begins above its sum")
                .isCloseTo(270, within(1e-9));
    }

    @Test
    void aWarrantsStepIsWorthWhatItAddsAboveTheStrike() {
        DealPart.Warrants warrants = Objects.requireNonNull(deals.deal("nvidia"))
                .parts(DealPart.Warrants.class)
                .findFirst()
                .orElseThrow();

        assertThat(warrants.usd(0)).isCloseTo(160e6 * 0.2 * 199.99, within(1.0));
        assertThat(warrants.usd(0) + warrants.usd(1)).isCloseTo(160e6 * 199.99, within(1.0));
    }

    @Test
    void aGigawattIsChipsAtTheirAllInPower() {
        assertThat(new Amount(Amount.Unit.GIGAWATTS, 1).chips(1730)).isCloseTo(578_000, within(100.0));
        assertThat(new Amount(Amount.Unit.CHIPS, 12).chips(0)).isEqualTo(12);
    }

    @Test
    void daysOfTwoSpansOverlap() {
        Span year = new Span(LocalDate.of(2027, 1, 1), LocalDate.of(2027, 12, 31));

        assertThat(year.daysWithin(new Span(LocalDate.of(2027, 12, 1), Span.OPEN)))
                .isEqualTo(31);
        assertThat(year.daysWithin(new Span(LocalDate.of(2028, 1, 1), Span.OPEN)))
                .isZero();
        assertThat(year.contains(LocalDate.of(2027, 12, 31))).isTrue();
    }

    private static Deals read() {
        try (InputStream in = DealsReaderTest.class.getResourceAsStream("deals.yaml")) {
            String text = new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
            return new DealsReader(CatalogueReader.shipped(), Map.of()).read("deals.yaml", text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
