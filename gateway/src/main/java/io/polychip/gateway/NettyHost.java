package io.polychip.gateway;

import io.polychip.routing.Attempt;
import io.polychip.routing.Call;
import io.polychip.routing.Ending;
import io.polychip.routing.Host;
import io.polychip.routing.Usage;

/** Carries out over sockets what the dispatcher of one loop decides. */
final class NettyHost implements Host {
    @Override
    public void send(Call call, Attempt attempt, long now) {
        client(call).send(call, attempt, now);
    }

    @Override
    public void cancel(Call call, Attempt attempt, long now) {
        if (attempt.handle() instanceof Upstream upstream) {
            upstream.cancel();
        }
    }

    @Override
    public void wake(Call call, long at) {
        client(call).wake(call, at);
    }

    @Override
    public void end(Call call, Ending ending, long now) {
        client(call).end(call, ending, now);
    }

    @Override
    public void charge(Call call, Attempt attempt, Usage usage, long now) {
        client(call).charge(attempt, usage);
    }

    private static ClientCall client(Call call) {
        return (ClientCall) call.owner();
    }
}
