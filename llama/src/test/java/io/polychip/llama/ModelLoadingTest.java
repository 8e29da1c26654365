package io.polychip.llama;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What an operator is told about files that are not what they should be. */
final class ModelLoadingTest {
    private static final EngineOptions SMALL =
            EngineOptions.standard(2).withSlots(1).withContextTokens(64);

    @TempDir
    private Path directory;

    @Test
    @Tag("slow")
    void aMissingModelIsNamed() {
        Path missing = directory.resolve("missing.gguf");
        assertThatThrownBy(() -> LlamaEngine.open(RealModel.files().library(), missing, SMALL))
                .isInstanceOf(LlamaException.class)
                .hasMessage("There is no model file %s; expected a GGUF file.".formatted(missing));
    }

    @Test
    @Tag("slow")
    void aFileOfAnotherKindIsNamed() throws IOException {
        Path other = Files.writeString(directory.resolve("model.gguf"), "version https://example.com/pointer");
        assertThatThrownBy(() -> LlamaEngine.open(RealModel.files().library(), other, SMALL))
                .isInstanceOf(LlamaException.class)
                .hasMessageContaining("is not a GGUF file");
    }

    @Test
    @Tag("slow")
    void aCutModelIsRefusedWithTheReason() throws IOException {
        Path cut = Files.copy(RealModel.files().model(), directory.resolve("cut.gguf"));
        try (RandomAccessFile file = new RandomAccessFile(cut.toFile(), "rw")) {
            file.setLength(file.length() / 2);
        }
        assertThatThrownBy(() -> LlamaEngine.open(RealModel.files().library(), cut, SMALL))
                .isInstanceOf(LlamaException.class)
                .hasMessageContaining("cannot be loaded")
                .hasMessageNotContaining("gave no reason");
    }

    @Test
    @Tag("slow")
    void aHeaderWithoutContentIsRefused() throws IOException {
        byte[] header = {'G', 'G', 'U', 'F', 3, 0, 0, 0};
        Path empty = Files.write(directory.resolve("empty.gguf"), header);
        assertThatThrownBy(() -> LlamaEngine.open(RealModel.files().library(), empty, SMALL))
                .isInstanceOf(LlamaException.class)
                .hasMessageContaining("cannot be loaded");
        header[4] = 9;
        Path future = Files.write(directory.resolve("future.gguf"), header);
        assertThatThrownBy(() -> LlamaEngine.open(RealModel.files().library(), future, SMALL))
                .hasMessageContaining("GGUF version 9; 2 to 3");
    }

    @Test
    void aDirectoryWithoutTheLibraryIsNamed() {
        assertThatThrownBy(() -> LlamaLibrary.load(directory))
                .isInstanceOf(LlamaException.class)
                .hasMessageContaining("There is no libggml.so in " + directory);
    }

    @Test
    void aDefaultSystemMessageIsFoundInTheTemplate() {
        String smol =
                "{% if messages[0]['role'] != 'system' %}{{ '<|im_start|>system\nYou are S.<|im_end|>\n' }}{% endif %}";
        assertThat(ChatTemplate.of(smol).defaultSystem()).isEqualTo("You are S.");
        String escaped = "{{- '<|im_start|>system\\nYou are Q.<|im_end|>\\n' }}";
        assertThat(ChatTemplate.of(escaped).defaultSystem()).isEqualTo("You are Q.");
        String variable = "{{ '<|im_start|>system\n' + messages[0]['content'] + '<|im_end|>\n' }}";
        assertThat(ChatTemplate.of(variable).defaultSystem()).isNull();
        assertThat(ChatTemplate.of(null).source()).isEqualTo("chatml");
    }

    @Test
    void aConversationWithASystemMessageKeepsIt() {
        ChatTemplate template = new ChatTemplate("any", "default");
        List<ChatMessage> own = List.of(new ChatMessage("system", "own"), new ChatMessage("user", "hi"));
        assertThat(template.complete(own)).isEqualTo(own);
        assertThat(template.complete(List.of(new ChatMessage("user", "hi")))).hasSize(2);
    }
}
