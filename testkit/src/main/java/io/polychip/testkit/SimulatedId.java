package io.polychip.testkit;

import io.netty.channel.ChannelId;

/** Counted channel ids: Netty's own are random and would put maps and logs in another order in every run. */
record SimulatedId(int number) implements ChannelId {
    private static final long serialVersionUID = 1;

    @Override
    public String asShortText() {
        return "sim" + number;
    }

    @Override
    public String asLongText() {
        return asShortText();
    }

    @Override
    public int compareTo(ChannelId other) {
        return other instanceof SimulatedId id
                ? Integer.compare(number, id.number)
                : asLongText().compareTo(other.asLongText());
    }
}
