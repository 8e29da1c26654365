package io.polychip.gateway;

import io.polychip.fleet.Fleet;
import java.io.IOException;

/** Where a running gateway reads its fleet from again. Blocks; called on the blocking executor only. */
public interface FleetSource {
    /**
     * Reads it.
     *
     * @throws io.polychip.fleet.FleetException with every mistake; the gateway then keeps what it has
     */
    Fleet load();

    /** Something that differs when the source has changed, such as time and size of a file; cheap. */
    String stamp() throws IOException;
}
