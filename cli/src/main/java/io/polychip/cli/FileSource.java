package io.polychip.cli;

import io.polychip.fleet.Fleet;
import io.polychip.fleet.FleetReader;
import io.polychip.fleet.RoutingStart;
import io.polychip.gateway.FleetSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Reads the fleet file again. A plan's routing that has not changed, or is gone, stays as it was read, so that a pool
 * can leave the fleet that the plan still speaks of.
 */
final class FileSource implements FleetSource {
    private static final String UNREADABLE = "unreadable";

    private final FleetReader reader;
    private final Path file;
    private final RoutingOptions routing;
    private String begunStamp = "";
    private RoutingStart begun = RoutingStart.NONE;

    FileSource(FleetReader reader, Path file, RoutingOptions routing) {
        this.reader = reader;
        this.file = file;
        this.routing = routing;
    }

    @Override
    public synchronized Fleet load() {
        Fleet fleet = reader.read(file);
        String now = routingStamp();
        boolean goneSince = now.equals(UNREADABLE) && !begunStamp.isEmpty();
        if (now.equals(begunStamp) || goneSince) {
            return fleet.withStart(begun);
        }
        Fleet started = routing.begin(fleet);
        begun = started.start();
        begunStamp = now;
        return started;
    }

    @Override
    public String stamp() throws IOException {
        return stamp(file) + routingStamp();
    }

    private String routingStamp() {
        Path from = routing.file;
        try {
            return from == null ? "none" : stamp(from);
        } catch (IOException e) {
            return UNREADABLE; // told by the reader when it is the first time
        }
    }

    private static String stamp(Path file) throws IOException {
        return Files.getLastModifiedTime(file) + " " + Files.size(file) + ";";
    }
}
