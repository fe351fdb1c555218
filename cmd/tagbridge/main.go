// Command tagbridge reads PLC registers and nodes on the schedules of tag maps and delivers them to databases and
// brokers. This package is the program: one file a verb, which parses what the user typed, calls the packages that do
// the work and prints. The running daemon is package bridge.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // time zones of devices' clocks, where the system has none

	"github.com/alecthomas/kong"
)

// Set by the linker.
var (
	version = "devel"
	commit  = ""
)

// The exit statuses of the contract.
const (
	exitOK      = 0
	exitFailed  = 1 // it could not be done
	exitBadFile = 2 // the configuration, or what was typed, is wrong
)

// exitStatus ends the program with a status, after what there was to say has been printed.
type exitStatus int

func (s exitStatus) Error() string { return fmt.Sprintf("exit status %d", int(s)) }

// streams are what a verb reads and writes: data to out, logs and complaints to err.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// grammar is the command line.
type grammar struct {
	Run      runVerb      `cmd:"" help:"Run the bridge until SIGTERM or SIGINT."`
	Check    checkVerb    `cmd:"" help:"Print every problem and warning of a configuration and its tag maps."`
	Plan     planVerb     `cmd:"" help:"Print the requests that would be sent."`
	Read     readVerb     `cmd:"" help:"Read addresses of a device once."`
	Probe    probeVerb    `cmd:"" help:"Find where a device keeps what its display shows."`
	Browse   browseVerb   `cmd:"" help:"Walk the tree of an OPC UA server; print a tag map."`
	Sunspec  sunspecVerb  `cmd:"" help:"Print the SunSpec models of a device, or a tag map of them."`
	Profile  profileVerb  `cmd:"" help:"List, show, test and recognise maps of known devices."`
	Cert     certVerb     `cmd:"" help:"Make, show and trust certificates of OPC UA."`
	Sim      simVerb      `cmd:"" help:"Serve every device of a configuration as a software PLC."`
	Demo     demoVerb     `cmd:"" help:"Run a simulated plant and a bridge that reads it, in one process."`
	Diff     diffVerb     `cmd:"" help:"Print how two configurations differ, or one from what was applied: 0 not at all, 1 somehow, 2 one has problems."`
	Rollback rollbackVerb `cmd:"" help:"List the configurations that were applied, or return to one."`
	Convert  convertVerb  `cmd:"" help:"Make tag maps of what other programs keep."`
	Export   exportVerb   `cmd:"" help:"Write a tag map as CSV, YAML or XLSX."`
	Events   eventsVerb   `cmd:"" help:"Print what happened, a line each."`
	History  historyVerb  `cmd:"" help:"Print the samples of tags that the journal still has."`
	Gaps     gapsVerb     `cmd:"" help:"Print what was not read and not delivered, and why: 0 nothing is missing, 1 something."`
	Cluster  clusterVerb  `cmd:"" help:"Look at a cluster of bridges."`
	Status   statusVerb   `cmd:"" help:"Print how the running bridge does: 0 well, 1 something is not, 2 it is not reached."`
	Journal  journalVerb  `cmd:"" help:"Look into a journal; send rejected samples again."`
	User     userVerb     `cmd:"" help:"Write who may use the page and the API."`
	Help     helpVerb     `cmd:"" help:"Print the manual: its contents, or a chapter."`
	Version  versionVerb  `cmd:"" help:"Print version, commit and Go version."`
	Manual   manualVerb   `cmd:"" hidden:"" help:"Print the manual page or the shell completion."`
}

func main() {
	crashBySignal()
	ctx, stop := untilSignal()
	status := execute(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr})
	stop()
	os.Exit(status)
}

// untilSignal is a context that ends at the first SIGTERM or SIGINT; a second one ends the process at once.
func untilSignal() (context.Context, context.CancelFunc) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

// execute runs one command line and returns the exit status.
func execute(ctx context.Context, args []string, std streams) (status int) {
	var g grammar
	parser, err := kong.New(&g,
		kong.Name("tagbridge"),
		kong.Description("Reads PLCs as tag maps say and delivers to databases and brokers."),
		kong.Writers(std.out, std.err),
		kong.UsageOnError(),
		kong.Exit(func(code int) { panic(exitStatus(code)) }),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
	)
	if err != nil {
		fmt.Fprintln(std.err, "tagbridge:", err)
		return exitFailed
	}
	defer func() {
		// --help ends the parse by kong's Exit.
		if r := recover(); r != nil {
			code, ok := r.(exitStatus)
			if !ok {
				panic(r)
			}
			status = int(code)
		}
	}()
	switch {
	case len(args) == 0:
		args = []string{"--help"}
	case len(args) == 1 && args[0] == "--version":
		args = []string{"version"}
	}
	chosen, err := parser.Parse(joinTimes(args))
	if err != nil {
		fmt.Fprintln(std.err, "tagbridge:", err)
		return exitBadFile
	}
	return statusOf(chosen.Run(), std)
}

// joinTimes are args in which a time that begins with - , as -6h, or a number, is not taken for an option.
func joinTimes(args []string) []string {
	var joined []string
	for i := 0; i < len(args); i++ {
		arg := args[i]
		if arg == "--" {
			return append(joined, args[i:]...)
		}
		if i+1 < len(args) && (arg == "--since" || arg == "--until" || arg == "--shows") && len(args[i+1]) > 1 && args[i+1][0] == '-' && args[i+1][1] != '-' {
			i++
			arg += "=" + args[i]
		}
		joined = append(joined, arg)
	}
	return joined
}

func statusOf(err error, std streams) int {
	var status exitStatus
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &status):
		return int(status)
	}
	lines := strings.Split(err.Error(), "\n")
	for i := range lines {
		lines[i] = forTerminal(lines[i]) // it can hold what a device said
	}
	fmt.Fprintln(std.err, "tagbridge:", strings.Join(lines, "\n"))
	return exitFailed
}
