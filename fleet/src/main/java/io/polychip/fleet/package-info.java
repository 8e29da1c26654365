/**
 * The words of Polychip as immutable records: chips, models, deployments, pools, offers, objectives and the fleet that
 * holds them, with the files they are read from. Start at {@link io.polychip.fleet.Fleet}; {@code FleetReader} reads
 * one from YAML and {@link io.polychip.fleet.Catalogue} carries what is known of chips and models.
 */
@NullMarked
package io.polychip.fleet;

import org.jspecify.annotations.NullMarked;
