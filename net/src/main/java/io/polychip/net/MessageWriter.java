package io.polychip.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.Iterator;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Gathers what goes out on one connection. Heads, chunk framing and small pieces are copied into one buffer, so that a
 * streamed event costs one buffer and one {@code write}; large pieces go by reference. On the loop only.
 */
final class MessageWriter {
    /** Copying up to here is cheaper than one more entry in a gathering write. */
    private static final int COPY_BYTES = 2048;

    private static final int FIRST_BYTES = SocketNetwork.SMALL_BYTES;

    private static final int HANDED_ON_BYTES = 16 * 1024;

    private static final byte[] HEX = {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
    private static final byte[] LAST_CHUNK = {'0', '\r', '\n', '\r', '\n'};

    private final ChannelHandlerContext context;
    private final Network network;
    private @Nullable ByteBuf gathered;

    MessageWriter(ChannelHandlerContext context, Network network) {
        this.context = context;
        this.network = network;
    }

    void ascii(String text) {
        ByteBuf out = room(text.length());
        for (int i = 0; i < text.length(); i++) {
            out.writeByte(text.charAt(i));
        }
    }

    void bytes(byte[] bytes) {
        room(bytes.length).writeBytes(bytes);
    }

    /** One header line, whatever its name. */
    void header(String name, CharSequence value) {
        ByteBuf out = room(name.length() + value.length() + 4);
        field(out, name);
        out.writeShort(COLON_SPACE);
        field(out, value);
        out.writeShort(CR_LF);
    }

    private static final int COLON_SPACE = ':' << 8 | ' ';
    private static final int CR_LF = '\r' << 8 | '\n';

    /** All lines but those that belong to a single connection, see {@link HopByHop}. */
    void headers(HttpHeaders headers) {
        Iterator<Map.Entry<CharSequence, CharSequence>> lines = headers.iteratorCharSequence();
        while (lines.hasNext()) {
            Map.Entry<CharSequence, CharSequence> line = lines.next();
            CharSequence name = line.getKey();
            if (HopByHop.contains(name)) {
                continue;
            }
            CharSequence value = line.getValue();
            ByteBuf out = room(name.length() + value.length() + 4);
            field(out, name);
            out.writeShort(COLON_SPACE);
            field(out, value);
            out.writeShort(CR_LF);
        }
    }

    void endOfHead() {
        room(2).writeShort(CR_LF);
    }

    /** One chunk, out of a buffer that stays the caller's. None where there is nothing: it would end the message. */
    void chunk(ByteBuf source, int from, int length) {
        if (length > 0) {
            chunkSize(room(10 + Math.min(length, COPY_BYTES) + 2), length);
            body(source, from, length);
            room(2).writeShort(CR_LF);
        }
    }

    private static void chunkSize(ByteBuf out, int length) {
        int digits = (35 - Integer.numberOfLeadingZeros(length)) / 4;
        for (int shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
            out.writeByte(HEX[length >>> shift & 15]);
        }
        out.writeShort(CR_LF);
    }

    void lastChunk() {
        bytes(LAST_CHUNK);
    }

    /** Bytes as they are; consumed. */
    void body(ByteBuf piece) {
        int length = piece.readableBytes();
        if (length <= COPY_BYTES) {
            room(length).writeBytes(piece);
            piece.release();
        } else {
            handOn();
            context.write(piece, context.voidPromise());
        }
    }

    /** Bytes out of a buffer that stays the caller's. */
    void body(ByteBuf source, int from, int length) {
        if (length <= COPY_BYTES) {
            room(length).writeBytes(source, from, length);
        } else {
            handOn();
            context.write(source.retainedSlice(from, length), context.voidPromise());
        }
    }

    void flush() {
        handOn();
        context.flush();
    }

    /** Drops what was not handed on. */
    void release() {
        if (gathered != null) {
            gathered.release();
            gathered = null;
        }
    }

    private void handOn() {
        ByteBuf out = gathered;
        gathered = null;
        if (out != null) {
            context.write(out, context.voidPromise());
        }
    }

    private ByteBuf room(int bytes) {
        if (gathered != null && gathered.readableBytes() >= HANDED_ON_BYTES) {
            handOn();
        }
        if (gathered == null) {
            gathered = network.smallBuffer(Math.max(bytes, FIRST_BYTES));
        }
        return gathered.ensureWritable(bytes);
    }

    /** Never lets a control character out: a line break in a value would be a header of the sender's choice. */
    private static void field(ByteBuf out, CharSequence text) {
        if (text instanceof AsciiString ascii) {
            out.writeBytes(ascii.array(), ascii.arrayOffset(), ascii.length());
            return;
        }
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            boolean control = (c < ' ' && c != '\t') || c == 0x7f;
            out.writeByte(control ? ' ' : c > 0xff ? '?' : c);
        }
    }
}
