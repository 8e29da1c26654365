/** What tests of several modules share: the simulated network, storms of traffic and faults, fakes. Never shipped. */
@NullMarked
package io.polychip.testkit;

import org.jspecify.annotations.NullMarked;
