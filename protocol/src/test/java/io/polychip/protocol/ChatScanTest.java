package io.polychip.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatScanTest {
    private static final String HI = "{'role':'user','content':'hi'}";

    @Test
    void findsWhatRoutingNeeds() {
        ChatScan scan =
                chat("{'model':'m','stream':true,'stream_options':{'include_usage':true},'n':2,'max_tokens':100,"
                        + "'max_completion_tokens':50,'service_tier':'flex','unknown':{'x':[1]},'messages':["
                        + "{'role':'system','content':'sys'},{'role':'user','content':'grüße'}]}");
        assertThat(scan.model()).isEqualTo("m");
        assertThat(scan.stream()).isTrue();
        assertThat(scan.includeUsage()).isTrue();
        assertThat(scan.choices()).isEqualTo(2);
        assertThat(scan.maxTokens()).isEqualTo(50);
        assertThat(scan.maxTokensField()).isEqualTo("max_completion_tokens");
        assertThat(scan.serviceTier()).isEqualTo("flex");
        assertThat(scan.prompt().textBytes()).isEqualTo(3 + 7);
        assertThat(scan.prompt().messages()).isEqualTo(2);
        assertThat(scan.prompt().lastIsAssistant()).isFalse();
        assertThat(scan.features()).isEqualTo(Feature.CHOICES.bit() | Feature.SERVICE_TIER.bit());
    }

    @Test
    void fieldsAtTheirDefaultsAskForNothing() {
        ChatScan scan =
                chat("{'model':'m','n':1,'logprobs':false,'top_logprobs':0,'tools':[ ],'logit_bias':{},'stop':[],"
                        + "'frequency_penalty':0,'presence_penalty':0.0,'response_format':{'type':'text'},'seed':null,"
                        + "'stream':null,'max_tokens':null,'messages':[" + HI + "]}");
        assertThat(scan.features()).isZero();
        assertThat(scan.stream()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "TOOLS|'tools':[{'type':'function','function':{'name':'f'}}]",
                "RESPONSE_FORMAT|'response_format':{'type':'json_object'}",
                "LOGPROBS|'logprobs':true",
                "TOP_LOGPROBS|'top_logprobs':3",
                "LOGIT_BIAS|'logit_bias':{'50256':-100}",
                "FREQUENCY_PENALTY|'frequency_penalty':0.5",
                "PRESENCE_PENALTY|'presence_penalty':-1",
                "PARALLEL_TOOL_CALLS|'parallel_tool_calls':false",
                "STOP|'stop':['a','b']",
                "SEED|'seed':123456789012345678901234567890",
                "REASONING_EFFORT|'reasoning_effort':'low'"
            },
            quoteCharacter = '`')
    void aFieldBecomesAFeature(Feature feature, String member) {
        assertThat(chat("{'model':'m'," + member + ",'messages':[" + HI + "]}").features())
                .isEqualTo(feature.bit());
    }

    @Test
    void mediaCountByNumberAndNeverByTheirBase64() {
        ChatScan scan =
                chat("{'model':'m','messages':[{'role':'user','name':'ann','content':[{'type':'text','text':'look'},"
                        + "{'type':'image_url','image_url':{'url':'data:image/png;base64," + "A".repeat(4000) + "'}},"
                        + "{'type':'image_url','image_url':{'url':'https://x','detail':'low'}},"
                        + "{'type':'input_audio','input_audio':{'data':'" + "B".repeat(400) + "','format':'wav'}}]}]}");
        assertThat(scan.prompt().textBytes()).isEqualTo("look".length() + "ann".length());
        assertThat(scan.prompt().images()).isEqualTo(1);
        assertThat(scan.prompt().smallImages()).isEqualTo(1);
        assertThat(scan.prompt().audioBytes()).isEqualTo(300);
        assertThat(scan.features()).isEqualTo(Feature.IMAGE.bit() | Feature.AUDIO.bit() | Feature.NAMED_MESSAGES.bit());
    }

    @Test
    void aConversationSharesThePrefixesOfItsEarlierTurns() {
        String first = "{'role':'system','content':'s'},{'role':'user','content':'one'}";
        Prompt before = chat("{'model':'m','messages':[" + first + "]}").prompt();
        Prompt after = chat("{'messages':[" + first + ",{'role':'assistant','content':'two'},"
                        + "{'role':'user','content':'three'}],'stream':true,'model':'m'}")
                .prompt();
        assertThat(after.prefixHashes()).hasSize(4).startsWith(before.prefixHashes());
        assertThat(after.prefixBytes()).containsExactly(1, 4, 7, 12);
        assertThat(after.conversation()).isEqualTo(before.conversation()).isNotZero();
        Prompt other = chat("{'model':'x','messages':[" + first + "]}").prompt();
        assertThat(other.prefixHashes()).doesNotContain(before.prefixHashes());
    }

    @Test
    void toolsComeBeforeTheMessagesWhereverTheyAreWritten() {
        String tools = "'tools':[{'type':'function','function':{'name':'f'}}]";
        Prompt first =
                chat("{'model':'m'," + tools + ",'messages':[" + HI + "]}").prompt();
        Prompt last =
                chat("{'model':'m','messages':[" + HI + "]," + tools + "}").prompt();
        assertThat(first.prefixHashes()).isEqualTo(last.prefixHashes());
        assertThat(first.textBytes()).isEqualTo(last.textBytes()).isGreaterThan(40);
    }

    @Test
    void aLongTextHasPrefixesInside() {
        String shared = "x".repeat(3 * Prompt.BLOCK_BYTES);
        Prompt one =
                completions("{'model':'m','prompt':'" + shared + "tail one'}").prompt();
        Prompt two =
                completions("{'model':'m','prompt':'" + shared + "another'}").prompt();
        assertThat(one.prefixHashes()).hasSize(4);
        for (int i = 0; i < 3; i++) {
            assertThat(one.prefixHashes()[i]).isEqualTo(two.prefixHashes()[i]);
            assertThat(one.prefixBytes()[i]).isEqualTo((i + 1) * Prompt.BLOCK_BYTES);
        }
        assertThat(one.prefixHashes()[3]).isNotEqualTo(two.prefixHashes()[3]);
    }

    @Test
    void aCacheKeyNamesTheConversation() {
        long one = chat("{'model':'m','prompt_cache_key':'k','messages':[" + HI + "]}")
                .prompt()
                .conversation();
        long two = chat("{'model':'m','prompt_cache_key':'k','messages':[{'role':'user','content':'else'}]}")
                .prompt()
                .conversation();
        long someone = chat("{'model':'m','user':'ann','messages':[" + HI + "]}")
                .prompt()
                .conversation();
        long other = chat("{'model':'m','user':'bob','messages':[" + HI + "]}")
                .prompt()
                .conversation();
        assertThat(one).isEqualTo(two);
        assertThat(someone).isNotEqualTo(other);
    }

    @Test
    void seesThatTheAssistantsMessageIsToBeContinued() {
        assertThat(chat("{'model':'m','messages':[" + HI + ",{'role':'assistant','content':'Well'}]}")
                        .prompt()
                        .lastIsAssistant())
                .isTrue();
    }

    @Test
    void readsPromptsAndInputsInAllTheirForms() {
        assertThat(completions("{'model':'m','prompt':['ab','cd']}").prompt().textBytes())
                .isEqualTo(4);
        assertThat(completions("{'model':'m','prompt':[1,2,3]}").prompt().tokenIds())
                .isEqualTo(3);
        assertThat(completions("{'model':'m','prompt':[[1,2],[3]]}").prompt().tokenIds())
                .isEqualTo(3);
        ChatScan scan = ChatScan.of(bytes("{'model':'m','input':'hello'}"), Endpoint.EMBEDDINGS);
        assertThat(Feature.EMBEDDINGS.in(scan.features())).isTrue();
        assertThat(scan.prompt().prefixHashes()).hasSize(1);
    }

    @Test
    void anEscapedKeyIsTheSameKey() {
        assertThat(chat("{'mod\\u0065l':'m','messages':[" + HI + "]}").model()).isEqualTo("m");
    }

    @Test
    void worksInTheMiddleOfAnArray() {
        byte[] body = bytes("{'model':'m','messages':[" + HI + "]}");
        byte[] padded = new byte[body.length + 20];
        System.arraycopy(body, 0, padded, 10, body.length);
        ChatScan scan = ChatScan.of(padded, 10, body.length, Endpoint.CHAT);
        assertThat(scan.fingerprint())
                .isEqualTo(ChatScan.of(body, Endpoint.CHAT).fingerprint());
        assertThat(scan.edits().set("model", "\"z\"").apply(body)).asString().contains("\"model\":\"z\"");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            nullValues = "-",
            value = {
                "``|-|invalid_json",
                "{'model':'m'|-|invalid_json",
                "{'model':'m',}|-|invalid_json",
                "[1]|-|invalid_type",
                "{'messages':[{'role':'user','content':'x'}]}|model|missing_model",
                "{'model':'','messages':[{'role':'user','content':'x'}]}|model|missing_model",
                "{'model':3,'messages':[{'role':'user','content':'x'}]}|model|invalid_type",
                "{'model':null,'messages':[{'role':'user','content':'x'}]}|model|invalid_type",
                "{'model':'m'}|messages|missing_required_parameter",
                "{'model':'m','messages':null}|messages|missing_required_parameter",
                "{'model':'m','messages':[]}|messages|empty_array",
                "{'model':'m','messages':'hi'}|messages|invalid_type",
                "{'model':'m','messages':['hi']}|messages[0]|invalid_type",
                "{'model':'m','messages':[{'role':'user','content':3}]}|messages[0].content|invalid_type",
                "{'model':'m','messages':[{'role':'user','content':[3]}]}|messages[0].content[0]|invalid_type",
                "{'model':'m','messages':[{'role':'user','content':[{'text':1}]}]}|messages[0].content[0].text|invalid_type",
                "{'model':'m','messages':[{'role':1}]}|messages[0].role|invalid_type",
                "{'model':'m','messages':[{'content':'x'}]}|messages[0].role|missing_required_parameter",
                "{'model':'m','messages':[{'role':'u','role':'v'}]}|messages[0].role|duplicate_parameter",
                "{'model':'m','model':'n'}|model|duplicate_parameter",
                "{'model':'m','stream':'yes'}|stream|invalid_type",
                "{'model':'m','stream_options':{'include_usage':1}}|stream_options.include_usage|invalid_type",
                "{'model':'m','n':0}|n|integer_below_min_value",
                "{'model':'m','n':1.5}|n|invalid_type",
                "{'model':'m','max_tokens':-1}|max_tokens|integer_below_min_value",
                "{'model':'m','max_tokens':99999999999}|max_tokens|integer_above_max_value",
                "{'model':'m','max_tokens':'many'}|max_tokens|invalid_type",
                "{'model':'m','tools':{}}|tools|invalid_type",
                "{'model':'m','response_format':'json'}|response_format|invalid_type",
                "{'model':'m','stop':[1]}|stop|invalid_type",
                "{'model':'m','logprobs':5}|logprobs|invalid_type",
                "{'model':'m','user':7}|user|invalid_type",
                "{'model':'m','temperature':'many'}|temperature|invalid_type",
                "{'model':'m','top_p':[1]}|top_p|invalid_type",
                "{'model':'m','tool_choice':1}|tool_choice|invalid_type",
                "{'model':'m','messages':[{'role':'user'}]}|messages[0].content|missing_required_parameter",
                "{'model':'m','messages':[{'role':'user','content':'x'},{'content':null,'role':'tool'}]}|messages[1].content|invalid_type"
            })
    void saysWhatIsWrongInOpenAisTerms(String json, String param, String code) {
        assertThatThrownBy(() -> chat(json)).isInstanceOfSatisfying(ProtocolException.class, wrong -> {
            assertThat(wrong.error().status()).isEqualTo(400);
            assertThat(wrong.error().type()).isEqualTo("invalid_request_error");
            assertThat(wrong.error().param()).isEqualTo(param);
            assertThat(wrong.error().code()).isEqualTo(code);
        });
    }

    @Test
    void anAssistantThatOnlyCalledToolsHasNoContent() {
        assertThat(chat("{'model':'m','temperature':null,'tool_choice':{'type':'function'},'messages':[{'role':'user',"
            + "'content':'x'},{'role':'assistant','tool_calls':[]},{'role':'assistant','content':null}]}")
                        .prompt()
                        .messages())
                .isEqualTo(3);
    }

    @Test
    void pointsAtTheByteThatIsNoJson() {
        assertThatThrownBy(() -> chat("{'model':'m' 'x':1}")).hasMessageContaining("at byte 13");
        assertThatThrownBy(() -> chat("{'model':'m','messages':[{'role':'us"))
                .hasMessageContaining("stops half-way after 36 bytes");
    }

    static byte[] bytes(String json) {
        return json.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static ChatScan chat(String json) {
        return ChatScan.of(bytes(json), Endpoint.CHAT);
    }

    private static ChatScan completions(String json) {
        return ChatScan.of(bytes(json), Endpoint.COMPLETIONS);
    }
}
