package io.polychip.emulator;

import io.polychip.fleet.Hosted;
import io.polychip.fleet.Pool;
import io.polychip.performance.Profile;
import io.polychip.performance.StepTime;
import io.polychip.simulator.Backend;
import io.polychip.simulator.Engine;
import io.polychip.simulator.HostedApi;
import io.polychip.simulator.HostedApi.Admission;

/** What computes behind a replica's URL: an engine we own, or an API that sells tokens. */
sealed interface Chip {
    Backend backend();

    /** True when a request of that size could ever run here. */
    boolean fits(int promptTokens, int outputTokens);

    /** Takes one choice, or says with which status not. */
    Admission submit(Choice choice, long nowPicos);

    void retime(StepTime stepTime);

    static Chip of(Pool pool, Profile profile) {
        Hosted hosted = pool.hosted();
        return hosted == null
                ? new Owned(new Engine(profile), profile.blockTokens())
                : new Rented(new HostedApi(profile, pool.quota()), Dialect.of(pool));
    }

    /** Our own. */
    record Owned(Engine engine, int blockTokens) implements Chip {
        private static final Admission TAKEN = new Admission(200, 0);
        private static final Admission TOO_LARGE = new Admission(413, 0);

        @Override
        public Backend backend() {
            return engine;
        }

        @Override
        public boolean fits(int promptTokens, int outputTokens) {
            return engine.fits(promptTokens, outputTokens);
        }

        @Override
        public Admission submit(Choice choice, long nowPicos) {
            Order order = choice.reply.order;
            long[] blocks = PromptBlocks.hashes(order.promptOf(choice.index), blockTokens);
            boolean taken =
                    engine.submit(choice.id, order.promptTokens(choice.index), choice.script.count(), blocks, nowPicos);
            return taken ? TAKEN : TOO_LARGE;
        }

        @Override
        public void retime(StepTime stepTime) {
            engine.retime(stepTime);
        }
    }

    /** A provider's. */
    record Rented(HostedApi api, Dialect dialect) implements Chip {
        /** What Cerebras sets aside for a request without a cap; it would be the whole context. */
        private static final int RESERVED_TOKENS = 8_192;

        @Override
        public Backend backend() {
            return api;
        }

        @Override
        public boolean fits(int promptTokens, int outputTokens) {
            return true;
        }

        @Override
        public Admission submit(Choice choice, long nowPicos) {
            Order order = choice.reply.order;
            int prompt = order.promptTokens(choice.index);
            boolean patient =
                    dialect != Dialect.GROQ || !order.scan().serviceTier().equals("flex");
            return api.submit(
                    choice.id, prompt, choice.script.count(), prompt + answerCharge(choice), patient, nowPicos);
        }

        private long answerCharge(Choice choice) {
            if (dialect != Dialect.CEREBRAS) {
                return choice.script.count();
            }
            int asked = choice.reply.order.scan().maxTokens();
            return asked > 0 ? asked : RESERVED_TOKENS;
        }

        @Override
        public void retime(StepTime stepTime) {
            api.retime(stepTime);
        }
    }
}
