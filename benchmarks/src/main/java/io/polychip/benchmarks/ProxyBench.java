package io.polychip.benchmarks;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.EventLoop;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.net.ClientOptions;
import io.polychip.net.HttpClient;
import io.polychip.net.HttpExchange;
import io.polychip.net.HttpFailure;
import io.polychip.net.HttpListener;
import io.polychip.net.HttpServer;
import io.polychip.net.ServerOptions;
import io.polychip.net.SocketNetwork;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

/**
 * CPU per request and per streamed chunk of {@link NetRelay} and of nginx, proxying the same upstream, each pinned to
 * core 0 while upstream and load run on core 1. Windows alternate between the proxies; the median of each is printed
 * with its ratio to nginx. CPU time comes from the kernel's account of the proxy's threads ({@code schedstat}).
 *
 * <p>Run: {@code taskset -c 1 java -cp LIB ProxyBench [WINDOWS [SECONDS [PART_OF_TITLE]]]}. Needs nginx, taskset.
 */
public final class ProxyBench implements AutoCloseable {
    private static final InetSocketAddress ANY = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final ByteBuf SHORT_ANSWER = Unpooled.unreleasableBuffer(Unpooled.copiedBuffer(
            "{\"id\":\"chatcmpl-1\",\"choices\":[" + " ".repeat(300) + "]}", StandardCharsets.UTF_8));
    private static final ByteBuf EVENT = Unpooled.unreleasableBuffer(Unpooled.copiedBuffer(
            "data: {\"id\":\"chatcmpl-1\",\"choices\":[{\"delta\":{\"content\":\"word\"}}]" + " ".repeat(120) + "}\n\n",
            StandardCharsets.UTF_8));
    private static final int WARM_UP = 100_000;
    private static final int STREAMS = 200;
    private static final Duration TICK = Duration.ofMillis(20);

    private final SocketNetwork network = SocketNetwork.open(1);
    private final EventLoop loop = network.loops().next();
    private final HttpClient client = new HttpClient(network, loop, ClientOptions.standard());
    private final HttpServer upstream = HttpServer.start(network, ANY, ServerOptions.standard(), this::answer)
            .join();
    private final Map<String, Proxy> proxies = new LinkedHashMap<>();
    private volatile boolean loading;
    private String only = "";

    private record Proxy(Process process, URI base) {}

    private ProxyBench(List<String> transports) throws IOException {
        proxies.put("nginx", nginx());
        for (String transport : transports) {
            proxies.put("net " + transport, relay(transport));
        }
    }

    /** Prints a table. */
    public static void main(String[] args) throws IOException, InterruptedException {
        int windows = args.length > 0 ? Integer.parseInt(args[0]) : 5;
        int seconds = args.length > 1 ? Integer.parseInt(args[1]) : 2;
        try (ProxyBench bench = new ProxyBench(List.of("epoll", "io_uring"))) {
            bench.only = args.length > 2 ? args[2] : "";
            bench.compare(
                    "CPU us per short request, 64 at once", windows, seconds, base -> bench.requests(base, 64, ""));
            bench.compare(
                    "CPU us per 220 KB request, 16 at once",
                    windows,
                    seconds,
                    base -> bench.requests(base, 16, "x".repeat(220_000)));
            bench.compare(
                    "CPU us per chunk, 200 streams x 20 ms", windows, seconds, base -> bench.streams(base, "/stream"));
            bench.compare("CPU us per event, bursts", windows, seconds, base -> bench.streams(base, "/burst"));
            bench.resident(5000);
        }
    }

    private interface Load {
        AtomicLong start(URI base);
    }

    private void compare(String title, int windows, int seconds, Load load) throws IOException, InterruptedException {
        if (!title.contains(only)) {
            return;
        }
        System.out.println(title);
        Map<String, List<Double>> micros = new LinkedHashMap<>();
        Map<String, List<Double>> rates = new LinkedHashMap<>();
        for (int window = -1; window < windows; window++) { // one to warm up
            for (Map.Entry<String, Proxy> proxy : proxies.entrySet()) {
                loading = true;
                AtomicLong done = load.start(proxy.getValue().base());
                awaitCount(done, window < 0 && !proxy.getKey().equals("nginx") ? WARM_UP : 500);
                long cpu = cpuNanos(proxy.getValue());
                long count = done.get();
                long start = System.nanoTime();
                TimeUnit.SECONDS.sleep(seconds);
                double used = cpuNanos(proxy.getValue()) - cpu;
                double counted = done.get() - count;
                double elapsed = System.nanoTime() - start;
                loading = false;
                TimeUnit.MILLISECONDS.sleep(300);
                if (window >= 0) {
                    micros.computeIfAbsent(proxy.getKey(), key -> new ArrayList<>())
                            .add(used / counted / 1000);
                    rates.computeIfAbsent(proxy.getKey(), key -> new ArrayList<>())
                            .add(counted / elapsed * 1e9);
                }
            }
        }
        double nginx = median(micros.getOrDefault("nginx", List.of()));
        micros.forEach((name, values) -> System.out.printf(
                Locale.ROOT,
                "  %-14s %7.2f  (%.2f x nginx)  %.0f/s%n",
                name,
                median(values),
                median(values) / nginx,
                median(rates.getOrDefault(name, List.of()))));
    }

    private void resident(int streams) throws IOException, InterruptedException {
        System.out.printf("resident MiB after load, then with %d streams of an event a second%n", streams);
        for (Map.Entry<String, Proxy> proxy : proxies.entrySet()) {
            long before = residentMib(proxy.getValue());
            loading = true;
            AtomicLong events = streams(proxy.getValue().base(), "/slow", streams, Duration.ofSeconds(1));
            TimeUnit.SECONDS.sleep(4);
            long during = residentMib(proxy.getValue());
            long count = events.get();
            TimeUnit.SECONDS.sleep(1);
            System.out.printf("  %-14s %4d %4d  (%d events/s)%n", proxy.getKey(), before, during, events.get() - count);
            loading = false;
            TimeUnit.MILLISECONDS.sleep(1500);
        }
    }

    /** Java compiles what it has seen often enough, however long that takes on a busy machine. */
    private static void awaitCount(AtomicLong done, long count) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (done.get() < count && System.nanoTime() - deadline < 0) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().skip(values.size() / 2).findFirst().orElse(Double.NaN);
    }

    // ---- load

    private AtomicLong requests(URI base, int concurrency, String body) {
        AtomicLong done = new AtomicLong();
        HttpHeaders headers = new DefaultHttpHeaders()
                .add("authorization", "Bearer sk-benchmark-0123456789")
                .add("content-type", "application/json")
                .add("accept", "application/json")
                .add("user-agent", "OpenAI/Python 2.8.0");
        String json = "{\"model\":\"llama\",\"messages\":[{\"role\":\"user\",\"content\":\""
                + (body.isEmpty() ? "hi" : body) + "\"}]}";
        ByteBuf bytes = Unpooled.unreleasableBuffer(
                Unpooled.directBuffer(json.length()).writeBytes(json.getBytes(StandardCharsets.UTF_8)));
        for (int i = 0; i < concurrency; i++) {
            loop.execute(() -> request(base, headers, bytes, done));
        }
        return done;
    }

    private void request(URI base, HttpHeaders headers, ByteBuf body, AtomicLong done) {
        client.send(base, "POST", "/v1/chat/completions", headers, body.duplicate(), new Sink() {
            @Override
            public void end() {
                done.incrementAndGet();
                if (loading) {
                    request(base, headers, body, done);
                }
            }
        });
    }

    private AtomicLong streams(URI base, String path) {
        return streams(base, path, STREAMS, TICK);
    }

    private AtomicLong streams(URI base, String path, int streams, Duration spread) {
        AtomicLong events = new AtomicLong();
        AtomicLong bytes = new AtomicLong();
        for (int i = 0; i < streams; i++) {
            long delay = spread.toNanos() * i / streams;
            loop.schedule(
                    () -> client.send(base, "GET", path, new DefaultHttpHeaders(), Unpooled.EMPTY_BUFFER, new Sink() {
                        @Override
                        public void data(ByteBuf piece) {
                            events.set(bytes.addAndGet(piece.readableBytes()) / EVENT.readableBytes());
                            piece.release();
                        }
                    }),
                    delay,
                    TimeUnit.NANOSECONDS);
        }
        return events;
    }

    private static class Sink implements HttpListener {
        @Override
        public void head(int status, HttpHeaders headers) {
            if (status != 200) {
                throw new IllegalStateException("status " + status);
            }
        }

        @Override
        public void data(ByteBuf piece) {
            piece.release();
        }

        @Override
        public void readComplete() {}

        @Override
        public void end() {}

        @Override
        public void failed(HttpFailure failure) {
            System.err.println(failure);
        }
    }

    // ---- upstream

    private void answer(HttpExchange exchange) {
        switch (exchange.path()) {
            case "/stream" -> {
                exchange.start(200, new DefaultHttpHeaders().add("content-type", "text/event-stream"));
                tick(exchange, 1, TICK);
            }
            case "/slow" -> {
                exchange.start(200, new DefaultHttpHeaders().add("content-type", "text/event-stream"));
                tick(exchange, 1, Duration.ofSeconds(1));
            }
            case "/burst" -> {
                exchange.start(200, new DefaultHttpHeaders().add("content-type", "text/event-stream"));
                tick(exchange, 20, TICK);
            }
            default ->
                exchange.respond(
                        200,
                        new DefaultHttpHeaders().add("content-type", "application/json"),
                        SHORT_ANSWER.duplicate());
        }
    }

    private void tick(HttpExchange exchange, int events, Duration pause) {
        if (!loading) {
            exchange.finish();
            return;
        }
        for (int i = 0; i < events; i++) {
            exchange.write(EVENT.duplicate());
        }
        exchange.flush();
        loop.schedule(() -> tick(exchange, events, pause), pause.toNanos(), TimeUnit.NANOSECONDS);
    }

    // ---- proxies

    private Proxy relay(String transport) throws IOException {
        Process process = new ProcessBuilder(
                        "taskset",
                        "-c",
                        "0",
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "--sun-misc-unsafe-memory-access=allow",
                        "-Xmx256m",
                        "-XX:+UseSerialGC",
                        "-XX:+UseCompactObjectHeaders",
                        "-Dio.netty.leakDetection.samplingInterval=8192",
                        "-cp",
                        System.getProperty("java.class.path"),
                        NetRelay.class.getName(),
                        "http://127.0.0.1:" + upstream.port(),
                        transport)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            return new Proxy(process, URI.create("http://127.0.0.1:" + out.readLine()));
        }
    }

    private Proxy nginx() throws IOException {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Path home = Files.createTempDirectory("proxy-bench");
        Path configuration = Files.writeString(home.resolve("nginx.conf"), """
            daemon off; master_process off; pid %1$s/pid; error_log stderr;
            events { worker_connections 20000; }
            http {
              access_log off; client_body_buffer_size 1m; client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy;
              fastcgi_temp_path %1$s/f; uwsgi_temp_path %1$s/u; scgi_temp_path %1$s/s;
              keepalive_requests 1000000000; tcp_nodelay on;
              upstream up { server 127.0.0.1:%2$d; keepalive 1024; keepalive_requests 1000000000; }
              server {
                listen 127.0.0.1:%3$d;
                client_max_body_size 64m;
                location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; }
              }
            }
            """.formatted(home, upstream.port(), port));
        Process process = new ProcessBuilder("taskset", "-c", "0", "nginx", "-c", configuration.toString())
                .inheritIO()
                .start();
        return new Proxy(process, URI.create("http://127.0.0.1:" + port));
    }

    private static long cpuNanos(Proxy proxy) throws IOException {
        long sum = 0;
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + proxy.process().pid() + "/task"))) {
            for (Path task : tasks.toList()) {
                sum += Long.parseLong(
                        Files.readString(task.resolve("schedstat")).split(" ", 2)[0]);
            }
        }
        return sum;
    }

    private static long residentMib(Proxy proxy) throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + proxy.process().pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
            }
        }
        return -1;
    }

    @Override
    public void close() {
        proxies.values().forEach(proxy -> proxy.process().destroyForcibly());
        network.close();
    }
}
