package io.polychip.benchmarks;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A proxy in a process of its own, with the kernel's word on what it uses. */
record Proxy(Process process, URI base) {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /**
     * {@code ./polychip serve}: one key, four pools that share the replicas, access log to a file, one loop. @param
     * options more of its own
     */
    static Proxy polychip(List<URI> replicas, List<String> prefix, String... options)
            throws IOException, InterruptedException {
        int port = freePort();
        Path home = Files.createTempDirectory("polychip-bench");
        Path fleet = Files.writeString(home.resolve("fleet.yaml"), fleet(replicas, port));
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of(
                "./polychip",
                "serve",
                fleet.toString(),
                "--log",
                home.resolve("log").toString()));
        command.addAll(List.of(options));
        return start(command, port, home);
    }

    private static String fleet(List<URI> replicas, int port) {
        StringBuilder yaml = new StringBuilder("""
            listen: 127.0.0.1:%d
            keys:
              - {key: %s, tenant: acme}
            models:
              - {name: llama-3.1-8b, is: meta-llama/Llama-3.1-8B-Instruct}
            objectives:
              default: {ttft: 2 s + 100 ms/1k, itl: 100 ms, percentile: 99}
            limits: {connections: 20000}
            pools:
            """.formatted(port, Clients.KEY));
        List<String> chips = List.of("nvidia/h100-sxm", "amd/mi300x", "aws/trainium2", "google/tpu-v6e");
        int share = replicas.size() / chips.size();
        for (int i = 0; i < chips.size(); i++) {
            yaml.append("""
                  - name: pool%d
                    model: llama-3.1-8b
                    chip: %s
                    price: {usd-per-chip-hour: 2.%d}
                    replicas: [%s]
                """.formatted(
                            i,
                            chips.get(i),
                            i,
                            replicas.subList(i * share, (i + 1) * share).stream()
                                    .map(URI::toString)
                                    .collect(Collectors.joining(", "))));
        }
        return yaml.toString();
    }

    /** Debian's nginx, passing on to the same replicas, one worker, without a log. */
    static Proxy nginx(List<URI> replicas, List<String> prefix) throws IOException, InterruptedException {
        int port = freePort();
        Path home = Files.createTempDirectory("nginx-bench");
        String servers = replicas.stream()
                .map(replica -> "server 127.0.0.1:%d;".formatted(replica.getPort()))
                .collect(Collectors.joining(" "));
        Path configuration = Files.writeString(home.resolve("nginx.conf"), """
            daemon off; master_process off; pid %1$s/pid; error_log stderr;
            events { worker_connections 16000; }
            http {
              access_log off; client_body_buffer_size 1m; client_body_temp_path %1$s/body; proxy_temp_path %1$s/proxy;
              fastcgi_temp_path %1$s/f; uwsgi_temp_path %1$s/u; scgi_temp_path %1$s/s;
              keepalive_requests 1000000000; tcp_nodelay on;
              upstream up { %2$s keepalive 1024; keepalive_requests 1000000000; }
              server {
                listen 127.0.0.1:%3$d backlog=4096;
                client_max_body_size 64m;
                location / {
                  proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
                }
              }
            }
            """.formatted(home, servers, port));
        List<String> command = new ArrayList<>(prefix);
        command.addAll(List.of("nginx", "-c", configuration.toString()));
        return start(command, port, home);
    }

    private static Proxy start(List<String> command, int port, Path home) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectOutput(Redirect.to(home.resolve("out").toFile()))
                .redirectError(home.resolve("err").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly)); // however this one ends
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!listens(port)) {
            if (!process.isAlive() || System.nanoTime() - deadline > 0) {
                process.destroyForcibly();
                throw new IllegalStateException("%s does not listen on port %d: %s"
                        .formatted(command, port, Files.readString(home.resolve("err"))));
            }
            TimeUnit.MILLISECONDS.sleep(2);
        }
        return new Proxy(process, URI.create("http://127.0.0.1:" + port));
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException notYet) {
            return false;
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** CPU time of each thread so far, in nanoseconds. */
    Map<String, Long> cpu() throws IOException {
        Map<String, Long> nanos = new HashMap<>();
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
            for (Path task : tasks.toList()) {
                try {
                    String account = Files.readString(task.resolve("schedstat"));
                    nanos.put(task.getFileName().toString(), Long.parseLong(account.split(" ", 2)[0]));
                } catch (NoSuchFileException ended) {
                    // compiler threads come and go
                }
            }
        }
        return nanos;
    }

    /** Of all CPU time used since, the part that Java's compilers used. */
    double compilersShareSince(Map<String, Long> before) throws IOException {
        double all = 0;
        double compilers = 0;
        for (Map.Entry<String, Long> thread : cpu().entrySet()) {
            long used = thread.getValue() - before.getOrDefault(thread.getKey(), 0L);
            all += used;
            compilers += name(thread.getKey()).contains("CompilerThre") ? used : 0;
        }
        return all == 0 ? 0 : compilers / all;
    }

    private String name(String task) throws IOException {
        try {
            return Files.readString(Path.of("/proc/" + process.pid() + "/task/" + task + "/comm"));
        } catch (NoSuchFileException ended) {
            return "";
        }
    }

    /** What all threads used since. */
    long cpuSince(Map<String, Long> before) throws IOException {
        long sum = 0;
        for (Map.Entry<String, Long> thread : cpu().entrySet()) {
            sum += thread.getValue() - before.getOrDefault(thread.getKey(), 0L);
        }
        return sum;
    }

    long residentMib() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
            }
        }
        return -1;
    }

    void stop() {
        process.destroyForcibly();
    }
}
