package io.polychip.fleet;

/**
 * A deal as the press or a filing told of it: an example of what contracts look like, not one that can be taken.
 *
 * @param when day or month, or what is known of it
 * @param usd its size; 0 where none was told
 * @param gigawatts 0 where none were told
 * @param structure the forms it is made of
 * @param status signed, letter of intent, reported
 * @param form how it would stand in {@code deals.yaml}
 */
public record PublicDeal(
        String id,
        String when,
        String buyer,
        String supplier,
        String chip,
        double usd,
        String sum,
        String term,
        double gigawatts,
        String structure,
        String conditions,
        String status,
        String form,
        Source source) {}
