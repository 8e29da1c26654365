package io.polychip.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.handler.codec.http.HttpHeaders;
import io.polychip.fleet.ApiKey;
import io.polychip.fleet.RequestClass;
import io.polychip.protocol.ProtocolException;
import java.util.List;
import org.junit.jupiter.api.Test;

class KeyringTest {
    private final Keyring keyring = new Keyring(
            List.of(
                    new ApiKey("sk-one-0123456789", "acme", RequestClass.PRIORITY, 3),
                    new ApiKey("sk-two-0123456789", "globex", RequestClass.FLEX, 1)),
            "operator-0123456789");

    private static HttpHeaders with(String name, String value) {
        return Responses.empty().set(name, value);
    }

    @Test
    void aKeyTellsTenantClassAndWeight() {
        assertThat(keyring.authenticate(with("authorization", "Bearer sk-one-0123456789")))
                .isEqualTo(new Caller("acme", RequestClass.PRIORITY, 3));
        assertThat(keyring.authenticate(with("authorization", "bearer  sk-two-0123456789 "))
                        .tenant())
                .as("scheme in any case, blanks around the key")
                .isEqualTo("globex");
    }

    @Test
    void withoutKeysEverybodyMayCall() {
        assertThat(new Keyring(List.of(), null).authenticate(Responses.empty())).isEqualTo(Caller.ANYONE);
    }

    @Test
    void theOperatorsKeyIsNoCallersKey() {
        HttpHeaders operator = with("authorization", "Bearer operator-0123456789");
        assertThat(keyring.admin(operator)).isTrue();
        assertThatThrownBy(() -> keyring.authenticate(operator)).isInstanceOf(ProtocolException.class);
        assertThat(keyring.admin(with("authorization", "Bearer sk-one-0123456789")))
                .isFalse();
    }

    @Test
    void withoutAnOperatorsKeyNobodyIsOne() {
        assertThat(new Keyring(List.of(), null).admin(with("authorization", "Bearer ")))
                .isFalse();
    }
}
