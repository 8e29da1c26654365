package io.polychip.cli;

import io.polychip.fleet.CatalogueReader;
import io.polychip.fleet.FleetException;
import io.polychip.net.Transport;
import io.polychip.simulator.TraceException;
import java.io.Console;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The program {@code polychip}: parses the command line and runs one command.
 *
 * <p>Exit codes: 0 done, 1 the command failed, 2 the command line is wrong. Colours only on a terminal, and never where
 * {@code NO_COLOR} is set.
 */
@Command(
        name = "polychip",
        description = "One inference service over many vendors' chips.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND")
public final class Main implements Runnable {
    private static final List<Class<?>> COMMANDS = List.of(
            DemoCommand.class,
            ServeCommand.class,
            EmulateCommand.class,
            LlamaCommand.class,
            ReplayCommand.class,
            PlanCommand.class,
            MeasureCommand.class,
            SimulateCommand.class,
            CatalogCommand.class,
            DealsCommand.class,
            ValidatePlansCommand.class,
            ValidateCommand.class,
            ValidateRoutingCommand.class);

    @Spec
    private CommandSpec specification;

    private Main() {}

    public static void main(String[] arguments) {
        // All words are English and machines read many of the figures: "10,0 requests/s" would be a list of two.
        Locale.setDefault(Locale.Category.FORMAT, Locale.ROOT);
        if (arguments.length > 0 && arguments[0].equals("serve")) {
            Thread.ofPlatform().daemon().name("polychip-ahead").start(Main::readAhead);
        }
        System.exit(commandLine(arguments).execute(arguments));
    }

    /** What serving needs in any case, while the command line is parsed; whoever needs it too waits for it. */
    private static void readAhead() {
        CatalogueReader.shipped();
        Transport.best();
    }

    /**
     * Knows the command that the arguments begin with, or else all of them: describing one takes tens of milliseconds
     * of a start.
     */
    static CommandLine commandLine(String... arguments) {
        CommandLine line = new CommandLine(new Main());
        String asked = arguments.length > 0 ? arguments[0] : "";
        List<Class<?>> chosen =
                COMMANDS.stream().filter(command -> name(command).equals(asked)).toList();
        for (Class<?> command : chosen.isEmpty() ? COMMANDS : chosen) {
            line.addSubcommand(name(command), new CommandLine(command));
        }
        return line.setColorScheme(CommandLine.Help.defaultColorScheme(colours()))
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(Main::failed)
                .setParameterExceptionHandler(Main::mistaken);
    }

    /** What was wrong, last, where it is seen: the whole usage after it would push it off the screen. */
    private static int mistaken(ParameterException wrong, String[] arguments) {
        CommandLine command = wrong.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(command.getColorScheme().errorText(String.valueOf(wrong.getMessage())));
        if (command.getParent() == null) {
            UnmatchedArgumentException.printSuggestions(wrong, err);
            command.usage(err, command.getColorScheme());
        } else if (!UnmatchedArgumentException.printSuggestions(wrong, err)) {
            err.printf(
                    "%s --help says what is allowed.%n",
                    command.getCommandSpec().qualifiedName());
        }
        return CommandLine.ExitCode.USAGE;
    }

    private static String name(Class<?> command) {
        return command.getAnnotation(Command.class).name();
    }

    /** Mistakes of the user's are told in their own words; anything else is ours and shows its trace. */
    private static int failed(Exception cause, CommandLine command, CommandLine.ParseResult parsed) {
        boolean told =
                cause instanceof CommandException || cause instanceof FleetException || cause instanceof TraceException;
        if (told) {
            command.getErr().println(command.getColorScheme().errorText(String.valueOf(cause.getMessage())));
        } else {
            cause.printStackTrace(command.getErr());
        }
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** Reached only without a command. */
    @Override
    public void run() {
        throw new ParameterException(specification.commandLine(), "No command given.");
    }

    @SuppressWarnings("SystemConsoleNull") // null again from JDK 25 on, where nothing is a terminal
    private static Ansi colours() {
        Console console = System.console();
        boolean terminal = console != null && console.isTerminal() && System.getenv("NO_COLOR") == null;
        return terminal ? Ansi.ON : Ansi.OFF;
    }

    /** The version of the jar; a class path of directories has none. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = Main.class.getPackage().getImplementationVersion();
            return new String[] {"polychip " + (version == null ? "development" : version)};
        }
    }
}
