package io.polychip.simulator;

import io.polychip.routing.Dispatcher;
import io.polychip.routing.Reading;
import java.util.Arrays;

/** The observation channel: each gateway reads the replicas that are not hosted in turn, evenly over the interval. */
final class Scrapes {
    /** After that long a reading that does not come is given up. */
    private static final long PATIENCE_NANOS = 1_000_000_000L;

    private final Scenario scenario;
    private final Draws draws;
    private final Machine[] machines;
    private final Dispatcher[] dispatchers;
    private final Agenda agenda;
    private final int[] watched;
    private final long[] turns;
    private final long gapNanos;

    Scrapes(Scenario scenario, Draws draws, Machine[] machines, Dispatcher[] dispatchers, Agenda agenda) {
        this.scenario = scenario;
        this.draws = draws;
        this.machines = machines;
        this.dispatchers = dispatchers;
        this.agenda = agenda;
        this.watched = Arrays.stream(machines)
                .filter(machine -> !machine.hosted)
                .mapToInt(machine -> machine.index)
                .toArray();
        this.turns = new long[scenario.gateways()];
        this.gapNanos = Math.max(1, scenario.observation().intervalNanos() / Math.max(1, watched.length));
        if (scenario.observation().intervalNanos() > 0 && watched.length > 0) {
            for (int gateway = 0; gateway < scenario.gateways(); gateway++) {
                agenda.add(gapNanos, Agenda.Kind.SCRAPE, gateway, 0);
            }
        }
    }

    /** Reads the gateway's next replica. */
    void turn(int gateway, Outbox outbox, long now) {
        agenda.add(now + gapNanos, Agenda.Kind.SCRAPE, gateway, 0);
        long turn = turns[gateway]++;
        Machine machine = machines[watched[(int) (turn % watched.length)]];
        long delay = draws.readingDelayNanos(gateway, turn);
        if (delay < 0) {
            return;
        }
        switch (machine.state) {
            case SERVING -> {
                machine.advance(now, outbox);
                Backend backend = machine.backend;
                int running = backend.running();
                tell(
                        now + delay,
                        gateway,
                        machine,
                        new Reading(now, running, backend.waiting(), backend.kvUsed(), true, true),
                        now);
            }
            case DOWN -> tell(now + delay, gateway, machine, new Reading(now, -1, -1, -1, false, false), now);
            case SILENT -> {
                long later = now + PATIENCE_NANOS;
                tell(later + delay, gateway, machine, new Reading(later, -1, -1, -1, false, false), now);
            }
        }
    }

    private void tell(long at, int gateway, Machine machine, Reading reading, long now) {
        if (at == now) {
            arrived(gateway, machine.index, reading, now);
        } else {
            agenda.addReading(at, gateway, machine.index, reading);
        }
    }

    /** A reading has come to all loops of its gateway. */
    void arrived(int gateway, int replica, Reading reading, long now) {
        for (int loop = 0; loop < scenario.loops(); loop++) {
            dispatchers[gateway * scenario.loops() + loop].observed(replica, reading, now);
        }
    }
}
