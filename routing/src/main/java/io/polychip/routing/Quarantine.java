package io.polychip.routing;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;

/**
 * Remembers requests that seem to kill engines: two different replicas broke the connection on the same body.
 *
 * <p>A replica that is out already gives no evidence, and one success clears a suspicion, since in an outage bystanders
 * look like killers. At most {@value #MOST} fingerprints, oldest out first; each expires after ten minutes.
 */
final class Quarantine {
    static final long EXPIRY_NANOS = 600_000_000_000L;
    private static final int MOST = 1024;
    private static final int DEADLY = 2;

    private final Map<Long, Suspicion> suspicions = new HashMap<>();
    private final ArrayDeque<Suspicion> byAge = new ArrayDeque<>();

    private static final class Suspicion {
        final long fingerprint;
        final int firstReplica;
        long sinceNanos;
        int replicas = 1;

        Suspicion(long fingerprint, int firstReplica, long sinceNanos) {
            this.fingerprint = fingerprint;
            this.firstReplica = firstReplica;
            this.sinceNanos = sinceNanos;
        }
    }

    void blame(long fingerprint, int replica, long now) {
        expire(now);
        Suspicion known = suspicions.get(fingerprint);
        if (known == null) {
            if (suspicions.size() >= MOST) {
                suspicions.remove(byAge.removeFirst().fingerprint);
            }
            Suspicion fresh = new Suspicion(fingerprint, replica, now);
            suspicions.put(fingerprint, fresh);
            byAge.addLast(fresh);
        } else if (known.firstReplica != replica) {
            known.replicas++;
        }
    }

    void clear(long fingerprint) {
        if (suspicions.isEmpty()) {
            return;
        }
        Suspicion known = suspicions.remove(fingerprint);
        if (known != null) {
            byAge.remove(known);
        }
    }

    /** Time left until the request may be tried again, 0 when it may now. */
    long remainingNanos(long fingerprint, long now) {
        if (suspicions.isEmpty()) {
            return 0;
        }
        expire(now);
        Suspicion known = suspicions.get(fingerprint);
        return known == null || known.replicas < DEADLY ? 0 : known.sinceNanos + EXPIRY_NANOS - now;
    }

    /** The clock went back by so much: what was left is left. */
    void setBack(long nanos) {
        byAge.forEach(suspicion -> suspicion.sinceNanos -= nanos);
    }

    int size() {
        return suspicions.size();
    }

    private void expire(long now) {
        while (!byAge.isEmpty() && now - byAge.getFirst().sinceNanos >= EXPIRY_NANOS) {
            suspicions.remove(byAge.removeFirst().fingerprint);
        }
    }
}
