package io.polychip.benchmarks;

import io.polychip.net.SocketNetwork;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * What {@code polychip serve} costs beside nginx: the whole gateway, with authentication, routing, metering, scrapes
 * and access log, started by its launcher, against nginx that only passes on, over the same replicas in the same run.
 *
 * <p>Each proxy is pinned to core 0, replicas and load to core 1. Windows alternate between the proxies and medians are
 * compared, since no machine is quiet. CPU time comes from the kernel's account of all threads of the proxy's process,
 * compilers and collectors included.
 *
 * <p>Run: {@code ./bench Gateway [PART [WINDOWS [SECONDS]]]}; parts are short, long, stream, burst, first, latency,
 * memory, watch and start. Needs two cores, nginx, taskset and curl. About eight minutes.
 */
public final class GatewayBench implements AutoCloseable {
    private static final int REPLICAS = 32;
    private static final int STREAMS = 200;
    private static final int MANY_STREAMS = 5_000;
    private static final int WATCHED = 100;
    private static final double MOST_WATCHING_CORES = 0.25;

    /** Of 1,000: a watcher that reads less is cheap for the wrong reason. */
    private static final double LEAST_PAGES_PER_SECOND = 900;

    private static final Duration WARM_UP = Duration.ofSeconds(90);
    private static final double COMPILERS_AT_REST = 0.01;
    private static final List<String> PIN = List.of("taskset", "-c", "0");
    private static final List<String> ALL_CORES = List.of("taskset", "0xffffffff"); // not only those this one may use
    private static final Duration TICK = Duration.ofMillis(20);
    private static final Chips.Pace STEADY = new Chips.Pace(1, TICK, 0);
    private static final Chips.Pace BURSTS = new Chips.Pace(20, TICK, 0);
    private static final Chips.Pace SHORT_STREAMS = new Chips.Pace(1, TICK, 50);
    private static final Chips.Pace BRIEF_STREAMS = new Chips.Pace(1, TICK, 4);
    private static final Chips.Pace SLOW = new Chips.Pace(1, Duration.ofSeconds(1), 0);

    private final SocketNetwork network = SocketNetwork.open(1);
    private final Chips chips = new Chips(network, REPLICAS);
    private final Clients clients = new Clients(network);
    private final Map<String, Proxy> proxies = new LinkedHashMap<>();
    private final int windows;
    private final int seconds;

    private GatewayBench(int windows, int seconds) throws IOException, InterruptedException {
        this.windows = windows;
        this.seconds = seconds;
        proxies.put("nginx", Proxy.nginx(chips.replicas(), PIN));
        proxies.put("polychip", Proxy.polychip(chips.replicas(), PIN));
    }

    /** Prints a table. */
    public static void main(String[] args) throws IOException, InterruptedException {
        String part = args.length > 0 ? args[0] : "";
        int windows = args.length > 1 ? Integer.parseInt(args[1]) : 5;
        int seconds = args.length > 2 ? Integer.parseInt(args[2]) : 2;
        System.out.printf("%-46s %9s %9s %7s  %s%n", "", "nginx", "polychip", "ratio", "target");
        try (GatewayBench bench = new GatewayBench(windows, seconds)) {
            bench.run(part);
        }
    }

    private void run(String part) throws IOException, InterruptedException {
        if (wanted(part, "memory")) {
            idle();
        }
        if (wanted(part, "short")) {
            cpu("CPU us per short request, 64 at once", 2.0, base -> clients.requests(base, 64, false));
        }
        if (wanted(part, "latency")) {
            latency();
        }
        if (wanted(part, "long")) {
            cpu("CPU us per 220 KB request, 64 at once", 2.5, base -> clients.requests(base, 64, true));
        }
        if (wanted(part, "stream")) {
            warmUp();
            cpu("CPU us per chunk, 200 streams, 10,000/s", 1.4, base -> streams(base, STEADY));
        }
        if (wanted(part, "burst")) {
            warmUp();
            cpu("CPU us per event, 20 at once, 200,000/s", 2.0, base -> streams(base, BURSTS));
        }
        if (wanted(part, "first")) {
            firstToken();
        }
        if (wanted(part, "memory")) {
            resident();
        }
        if (wanted(part, "watch")) {
            watch();
        }
        if (wanted(part, "start")) {
            start();
        }
    }

    private static boolean wanted(String part, String name) {
        return part.isEmpty() || part.equals(name);
    }

    private Clients.Tally streams(URI base, Chips.Pace pace) {
        chips.pace(pace);
        return clients.streams(base, STREAMS, TICK);
    }

    /** Many streams that begin and end, which the steady ones hardly do. */
    private void warmUp() throws IOException, InterruptedException {
        Proxy polychip = value(proxies, "polychip");
        streams(polychip.base(), BRIEF_STREAMS);
        awaitCompilers(polychip);
        stopLoad();
    }

    /** CPU time per answer or event, and how many there were. */
    private void cpu(String title, double most, Function<URI, Clients.Tally> load)
            throws IOException, InterruptedException {
        Map<String, List<Double>> micros = new LinkedHashMap<>();
        Map<String, List<Double>> rates = new LinkedHashMap<>();
        Map<String, List<Double>> compilers = new LinkedHashMap<>();
        for (int window = -1; window < windows; window++) { // one to warm up
            for (Map.Entry<String, Proxy> entry : proxies.entrySet()) {
                Proxy proxy = entry.getValue();
                Clients.Tally tally = load.apply(proxy.base());
                awaitCount(tally, 500);
                if (window < 0) {
                    awaitCompilers(proxy);
                }
                Map<String, Long> before = proxy.cpu();
                long count = tally.done.get();
                long begin = System.nanoTime();
                TimeUnit.SECONDS.sleep(seconds);
                double used = proxy.cpuSince(before);
                double share = proxy.compilersShareSince(before);
                double counted = tally.done.get() - count;
                double elapsed = System.nanoTime() - begin;
                stopLoad();
                if (window >= 0) {
                    collect(micros, entry.getKey(), used / counted / 1000);
                    collect(rates, entry.getKey(), counted / elapsed * 1e9);
                    collect(compilers, entry.getKey(), 100 * share);
                }
            }
        }
        double nginx = median(micros, "nginx");
        double ours = median(micros, "polychip");
        row(title, "%.2f", nginx, ours, ours / nginx, most);
        System.out.printf(
                Locale.ROOT,
                "%-46s %9.0f %9.0f          (%.0f with a whole core; Java's compilers took %.0f %%)%n",
                "  per second",
                median(rates, "nginx"),
                median(rates, "polychip"),
                1e6 / ours,
                median(compilers, "polychip"));
    }

    /** One request at a time, to the replica itself and through each proxy in turn. */
    private void latency() throws IOException, InterruptedException {
        inTurn("one request at a time,", 2, Double.NaN, 186, clients::inTurn);
    }

    /** Streams of a second each, 200 new ones a second over all three: few, so a percentile needs long windows. */
    private void firstToken() throws IOException, InterruptedException {
        warmUp();
        inTurn("TTFT", 8, 1.5, Double.NaN, bases -> {
            chips.pace(SHORT_STREAMS);
            return clients.streamsInTurn(bases, STREAMS);
        });
    }

    private void inTurn(
            String what, int longer, double mostRatio, double most, Function<List<URI>, List<Clients.Tally>> load)
            throws IOException, InterruptedException {
        List<String> names = List.of("direct", "nginx", "polychip");
        List<URI> bases = List.of(chips.replicas().getFirst(), base("nginx"), base("polychip"));
        Map<String, List<Double>> p50 = new LinkedHashMap<>();
        Map<String, List<Double>> p99 = new LinkedHashMap<>();
        for (int window = -1; window < windows; window++) {
            List<Clients.Tally> tallies = load.apply(bases);
            if (window < 0) { // at some 60 a second, what a call needs is compiled late
                awaitCompilers(value(proxies, "polychip"));
            }
            TimeUnit.SECONDS.sleep((window < 0 ? 8L : longer) * seconds);
            stopLoad();
            for (int i = 0; i < names.size() && window >= 0; i++) {
                collect(p50, names.get(i), percentile(tallies.get(i), 50));
                collect(p99, names.get(i), percentile(tallies.get(i), 99));
            }
        }
        added(what + " p50 us", p50, Double.NaN, Double.NaN);
        added(what + " p99 us", p99, mostRatio, most);
    }

    /** Added to direct. */
    private static void added(String title, Map<String, List<Double>> micros, double mostRatio, double most) {
        double direct = median(micros, "direct");
        double nginx = median(micros, "nginx") - direct;
        double ours = median(micros, "polychip") - direct;
        boolean kept = !(ours > most) && !(ours / nginx > mostRatio);
        String target = Double.isNaN(most)
                ? Double.isNaN(mostRatio) ? "" : "<= %.1f x".formatted(mostRatio)
                : "<= %.0f added".formatted(most);
        System.out.printf(
                Locale.ROOT,
                "%-46s %9.0f %9.0f %7.2f  %s%n",
                title + " (direct %.0f), added".formatted(direct),
                nginx,
                ours,
                ours / nginx,
                target.isEmpty() ? "" : target + verdict(kept));
    }

    private void idle() throws IOException {
        ceiling("resident MiB, just started", resident("nginx"), resident("polychip"), 256);
    }

    private void resident() throws IOException, InterruptedException {
        ceiling("resident MiB, after the load", resident("nginx"), resident("polychip"), 256);
        Map<String, Long> during = new LinkedHashMap<>();
        Map<String, Long> rates = new LinkedHashMap<>();
        for (Map.Entry<String, Proxy> entry : proxies.entrySet()) {
            chips.pace(SLOW);
            Clients.Tally tally = clients.streams(entry.getValue().base(), MANY_STREAMS, Duration.ofSeconds(3));
            TimeUnit.SECONDS.sleep(6);
            long count = tally.done.get();
            TimeUnit.SECONDS.sleep(2);
            during.put(entry.getKey(), entry.getValue().residentMib());
            rates.put(entry.getKey(), (tally.done.get() - count) / 2);
            stopLoad();
            TimeUnit.MILLISECONDS.sleep(1500);
        }
        ceiling("resident MiB, 5,000 open streams", value(during, "nginx"), value(during, "polychip"), 400);
        System.out.printf("%-46s %9d %9d%n", "  events per second", value(rates, "nginx"), value(rates, "polychip"));
    }

    /** What reading the load of many replicas costs while there is nothing else to do. */
    private void watch() throws IOException, InterruptedException {
        Chips watched = new Chips(network, WATCHED, MetricsPages.vllm());
        Proxy watcher = Proxy.polychip(watched.replicas(), PIN, "--scrape", "100");
        try {
            awaitCompilers(watcher);
            List<Double> cores = new ArrayList<>();
            List<Double> rates = new ArrayList<>();
            for (int window = 0; window < windows; window++) {
                long begin = System.nanoTime();
                long pages = watched.pages();
                Map<String, Long> before = watcher.cpu();
                TimeUnit.SECONDS.sleep(seconds);
                double used = watcher.cpuSince(before);
                double elapsed = System.nanoTime() - begin;
                cores.add(used / elapsed);
                rates.add((watched.pages() - pages) / elapsed * 1e9);
            }
            double share = median(Map.of("", cores), "");
            double rate = median(Map.of("", rates), "");
            System.out.printf(
                    Locale.ROOT,
                    "%-46s %9s %9.3f %7s  <= %.2f%s%n",
                    "cores, 100 replicas watched at 100 ms",
                    "",
                    share,
                    "",
                    MOST_WATCHING_CORES,
                    verdict(share <= MOST_WATCHING_CORES && rate >= LEAST_PAGES_PER_SECOND));
            System.out.printf(
                    Locale.ROOT,
                    "%-46s %9s %9.0f          (of %d KB each)%n",
                    "  pages read per second",
                    "",
                    rate,
                    MetricsPages.vllm().length() / 1024);
        } finally {
            watcher.stop();
        }
    }

    /** From the fork to the first answer from a replica, on all cores. */
    private void start() throws IOException, InterruptedException {
        List<Double> millis = new ArrayList<>();
        for (int i = 0; i < windows; i++) {
            long begin = System.nanoTime();
            Proxy started = Proxy.polychip(chips.replicas(), ALL_CORES);
            try {
                Clients.Tally tally = clients.requests(started.base(), 1, false);
                while (tally.done.get() == 0 && started.process().isAlive()) {
                    TimeUnit.MILLISECONDS.sleep(1);
                }
                millis.add((System.nanoTime() - begin) / 1e6);
                stopLoad();
            } finally {
                started.stop();
            }
        }
        ceiling("ms from fork to first answer", -1, Math.round(median(Map.of("", millis), "")), 1500);
    }

    // ---- figures

    private URI base(String name) {
        return value(proxies, name).base();
    }

    private long resident(String name) throws IOException {
        return value(proxies, name).residentMib();
    }

    private void stopLoad() throws InterruptedException {
        clients.stop();
        chips.stop();
        TimeUnit.MILLISECONDS.sleep(300);
    }

    private static void awaitCount(Clients.Tally tally, long count) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        while (tally.done.get() < count && System.nanoTime() - deadline < 0) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    /**
     * A gateway runs for weeks, so what it costs is measured once Java has compiled what this load needs: until its
     * compilers take little of the time, at most {@link #WARM_UP}.
     */
    private static void awaitCompilers(Proxy proxy) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + WARM_UP.toNanos();
        double share;
        do {
            Map<String, Long> before = proxy.cpu();
            TimeUnit.SECONDS.sleep(2);
            share = proxy.compilersShareSince(before);
        } while (share > COMPILERS_AT_REST && System.nanoTime() - deadline < 0);
        if (share > COMPILERS_AT_REST) {
            System.err.printf(Locale.ROOT, "Java's compilers still take %.0f %% of the CPU time.%n", 100 * share);
        }
    }

    private static void collect(Map<String, List<Double>> into, String name, double value) {
        into.computeIfAbsent(name, key -> new ArrayList<>()).add(value);
    }

    private static double median(Map<String, List<Double>> values, String name) {
        return value(values, name).stream()
                .sorted()
                .skip(value(values, name).size() / 2)
                .findFirst()
                .orElse(Double.NaN);
    }

    /** In microseconds. */
    private static double percentile(Clients.Tally tally, int percent) {
        List<Long> sorted = tally.latencies.stream().sorted().toList();
        return sorted.isEmpty() ? Double.NaN : sorted.get((sorted.size() - 1) * percent / 100) / 1000.0;
    }

    private static <T> T value(Map<String, T> map, String name) {
        T value = map.get(name);
        if (value == null) {
            throw new IllegalStateException("Nothing was measured of %s.".formatted(name));
        }
        return value;
    }

    private static void row(String title, String form, double nginx, double ours, double ratio, double most) {
        System.out.printf(
                Locale.ROOT,
                "%-46s %9s %9s %7.2f  <= %.1f x%s%n",
                title,
                form.formatted(nginx),
                form.formatted(ours),
                ratio,
                most,
                verdict(ratio <= most));
    }

    private static void ceiling(String title, long nginx, long ours, long most) {
        System.out.printf(
                "%-46s %9s %9d %7s  <= %d%s%n", title, nginx < 0 ? "" : nginx, ours, "", most, verdict(ours <= most));
    }

    private static String verdict(boolean kept) {
        return kept ? "  kept" : "  MISSED";
    }

    @Override
    public void close() {
        proxies.values().forEach(Proxy::stop);
        network.close();
    }
}
