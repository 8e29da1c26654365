package io.polychip.protocol;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Changes to members of a body's top-level object, carried out as byte splices: what is not changed is copied as it is.
 *
 * <p>Changes of different members may come in any order; one member is changed at most once. Not thread-safe.
 */
public final class Edits {
    private final Members members;
    private final List<Splice> splices = new ArrayList<>(4);
    private final StringBuilder inserted = new StringBuilder();
    private boolean[] removed = {};

    /** Takes the result piece by piece, in order. */
    public interface Sink {
        /** A piece of the original body. */
        void original(int from, int to);

        /** New bytes. */
        void literal(byte[] bytes);
    }

    private record Splice(int from, int to, String replacement) {}

    Edits(Members members) {
        this.members = members;
    }

    /** Sets a member to a JSON value, adding it when it is missing. */
    public Edits set(String name, String json) {
        int index = members.index(name);
        if (index >= 0) {
            return add(members.valueFrom(index), members.valueTo(index), json);
        }
        inserted.append(JsonText.quote(name)).append(':').append(json).append(',');
        return this;
    }

    /** Removes a member; nothing happens when it is missing. */
    public Edits remove(String name) {
        int index = members.index(name);
        if (index >= 0) {
            if (removed.length == 0) {
                removed = new boolean[members.size()];
            }
            removed[index] = true;
        }
        return this;
    }

    /** Replaces bytes inside an existing member's value. */
    Edits splice(String name, int from, int to, String replacement) {
        int index = members.index(name);
        if (index < 0 || from < members.valueFrom(index) || to > members.valueTo(index)) {
            throw new IllegalArgumentException("%d to %d is not inside member %s.".formatted(from, to, name));
        }
        return add(from, to, replacement);
    }

    private Edits add(int from, int to, String replacement) {
        splices.add(new Splice(from, to, replacement));
        return this;
    }

    /** True when the body goes out as it came. */
    public boolean none() {
        return splices.isEmpty() && inserted.isEmpty() && removed.length == 0;
    }

    /** Replays the whole changed body. @param length of the original */
    public void write(int length, Sink sink) {
        List<Splice> ordered = ordered();
        int at = 0;
        for (Splice splice : ordered) {
            if (splice.from > at) {
                sink.original(at, splice.from);
            }
            if (!splice.replacement.isEmpty()) {
                sink.literal(splice.replacement.getBytes(StandardCharsets.UTF_8));
            }
            at = splice.to;
        }
        if (at < length) {
            sink.original(at, length);
        }
    }

    /** The changed body as one array. */
    public byte[] apply(byte[] body) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + 64);
        write(body.length, new Sink() {
            @Override
            public void original(int from, int to) {
                out.write(body, from, to - from);
            }

            @Override
            public void literal(byte[] bytes) {
                out.writeBytes(bytes);
            }
        });
        return out.toByteArray();
    }

    private List<Splice> ordered() {
        List<Splice> all = new ArrayList<>(splices);
        int lastKept = -1;
        for (int i = 0; i < members.size(); i++) {
            if (!gone(i)) {
                lastKept = i;
            }
        }
        for (int i = 0; i < lastKept; i++) {
            if (gone(i)) {
                drop(all, i, members.nameFrom(i), members.nameFrom(i + 1)); // with the comma behind it
            }
        }
        int last = members.size() - 1;
        if (lastKept < last) {
            int from = lastKept < 0 ? members.nameFrom(0) : members.valueTo(lastKept); // with the comma before it
            for (int i = lastKept + 1; i <= last; i++) {
                drop(
                        all,
                        i,
                        i == lastKept + 1 ? from : members.nameFrom(i),
                        i == last ? members.valueTo(last) : members.nameFrom(i + 1));
            }
        }
        if (!inserted.isEmpty()) {
            int comma = lastKept < 0 ? 1 : 0;
            all.addFirst(new Splice(members.open, members.open, inserted.substring(0, inserted.length() - comma)));
        }
        all.sort((a, b) -> Integer.compare(a.from, b.from));
        return all;
    }

    /** Cuts a member out; a change of its value goes with it. */
    private void drop(List<Splice> all, int index, int from, int to) {
        all.removeIf(splice -> splice.from >= members.valueFrom(index) && splice.to <= members.valueTo(index));
        all.add(new Splice(from, to, ""));
    }

    private boolean gone(int index) {
        return removed.length > 0 && removed[index];
    }
}
