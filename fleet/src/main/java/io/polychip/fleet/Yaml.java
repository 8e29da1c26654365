package io.polychip.fleet;

import java.util.Iterator;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;

/** A YAML file being read: its mistakes so far, and the environment its references are filled from. */
record Yaml(Problems problems, Environment environment) {
    /**
     * The keys of the one document in {@code text}.
     *
     * @param least what a file cannot be without
     * @throws FleetException where it is not YAML or has no keys
     */
    Section root(String text, Keys keys, String least) {
        try {
            Iterator<Node> documents = new Compose(LoadSettings.builder().build())
                    .composeAllFromString(text)
                    .iterator();
            if (!documents.hasNext()) {
                problems.add(1, "the file is empty; expected at least " + least + ".");
                throw problems.exception();
            }
            Node root = documents.next();
            if (documents.hasNext()) {
                problems.add(Value.line(documents.next()), "a second document begins; expected one. Maybe remove ---.");
            }
            if (root instanceof MappingNode mapping) {
                return Section.of(this, mapping, keys);
            }
            problems.add(Value.line(root), "the file holds no keys; expected " + String.join(", ", keys.names()) + ".");
        } catch (MarkedYamlEngineException e) {
            int line =
                    e.getProblemMark().or(e::getContextMark).map(Mark::getLine).orElse(0) + 1;
            int begun = e.getContextMark().map(Mark::getLine).orElse(line - 1) + 1;
            String where = begun == line ? "" : " for what begins in line " + begun;
            problems.add(
                    line,
                    "not YAML: " + e.getProblem() + where + ". Maybe wrong indentation, or a value that needs quotes.");
        } catch (YamlEngineException e) {
            problems.add(1, "not YAML: " + e.getMessage() + ".");
        }
        throw problems.exception();
    }
}
