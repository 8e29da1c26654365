package io.polychip.protocol;

import org.jspecify.annotations.Nullable;

/**
 * A whole answer under status 200, judged before the client sees it.
 *
 * @param detail why it is not complete; empty when it is
 * @param error the error object found instead of an answer
 */
public record AnswerScan(
        Verdict verdict,
        TokenUsage usage,
        String detail,
        @Nullable OpenAiError error) {
    public static AnswerScan of(byte[] body) {
        return of(body, 0, body.length);
    }

    public static AnswerScan of(byte[] data, int offset, int length) {
        if (length == 0) {
            return bad(Verdict.CUT, "empty body");
        }
        ReplyReader reader = new ReplyReader();
        try {
            reader.read(data, offset, offset + length);
        } catch (JsonFault fault) {
            boolean cut = fault.truncated() && data[offset] == '{';
            return bad(
                    cut ? Verdict.CUT : Verdict.GARBLED,
                    "byte %d of %d: %s".formatted(fault.position(), length, fault.reason()));
        }
        OpenAiError error = reader.error();
        if (error != null) {
            return new AnswerScan(Verdict.ERROR, reader.usage(), error.message(), error);
        }
        if (reader.results() == 0) {
            return bad(Verdict.CUT, "no choices and no data");
        }
        return new AnswerScan(Verdict.COMPLETE, reader.usage(), "", null);
    }

    private static AnswerScan bad(Verdict verdict, String detail) {
        return new AnswerScan(verdict, TokenUsage.NONE, detail, null);
    }
}
