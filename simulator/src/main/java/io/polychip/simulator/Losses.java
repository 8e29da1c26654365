package io.polychip.simulator;

import java.util.ArrayList;
import java.util.List;

/** Carries out a scenario's outages. */
final class Losses {
    private final List<Outage> outages;
    private final Simulation simulation;
    private final Agenda agenda;

    Losses(List<Outage> outages, Simulation simulation, Agenda agenda) {
        this.outages = outages;
        this.simulation = simulation;
        this.agenda = agenda;
        for (int i = 0; i < outages.size(); i++) {
            agenda.add(Math.max(0, outages.get(i).atNanos()), Agenda.Kind.LOSE, i, 0);
        }
    }

    void lose(int number, long now) {
        Outage outage = outages.get(number);
        List<Machine> lost = matching(outage);
        List<Client> hit = on(lost);
        hit.forEach(simulation::catchUp);
        for (Machine machine : lost) {
            simulation.change(machine, () -> {
                if (machine.hosted) {
                    hit.stream()
                            .filter(client -> client.replica == machine.index)
                            .forEach(client -> machine.cancel(client.id(), now));
                }
                machine.lose(outage.silent() ? Machine.State.SILENT : Machine.State.DOWN, now);
            });
        }
        if (!outage.silent()) {
            simulation.reset(hit);
        }
        if (outage.nanos() < Long.MAX_VALUE - now) {
            agenda.add(now + outage.nanos(), Agenda.Kind.START, number, 0);
        }
    }

    /** What was silent is known to be gone once it starts anew: its connections break. */
    void start(int number, long now) {
        Outage outage = outages.get(number);
        List<Machine> lost = matching(outage);
        if (outage.silent()) {
            lost.forEach(machine -> machine.state = Machine.State.DOWN);
            simulation.reset(on(lost));
        }
        boolean hosted = lost.stream().allMatch(machine -> machine.hosted);
        agenda.add(now + (hosted ? 0 : outage.restart().startNanos()), Agenda.Kind.SERVE, number, 0);
    }

    void serve(int number, long now) {
        Outage outage = outages.get(number);
        for (Machine machine : matching(outage)) {
            machine.restart(outage.restart().warmFactor(), now);
        }
        agenda.add(now + outage.restart().warmNanos(), Agenda.Kind.WARM, number, 0);
    }

    void warm(int number, long now) {
        for (Machine machine : matching(outages.get(number))) {
            simulation.change(machine, () -> machine.slow(1, now));
        }
    }

    private List<Machine> matching(Outage outage) {
        List<Machine> found = new ArrayList<>();
        for (Machine machine : simulation.machines()) {
            if (machine.matches(outage.where())) {
                found.add(machine);
            }
        }
        return found;
    }

    private List<Client> on(List<Machine> some) {
        return simulation
                .clients()
                .submittedTo(replica -> some.contains(simulation.machines()[replica]));
    }
}
