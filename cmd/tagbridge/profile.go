package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"tagbridge/mapping/profile"
)

type profileVerb struct {
	List     profileListVerb     `cmd:"" help:"List the profiles that are in the program."`
	Show     profileShowVerb     `cmd:"" help:"Print a profile: what is known of it, and its tag map."`
	Test     profileTestVerb     `cmd:"" help:"Serve the dumps of profiles, read them, and compare."`
	Identify profileIdentifyVerb `cmd:"" help:"Ask a device which profile it is, by reading."`
}

type profileListVerb struct{}

// Run prints a line for each profile.
func (profileListVerb) Run(std streams) error {
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	for _, p := range profile.All() {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", p.Name, p.Kind, tested(p), p.Title)
	}
	return table.Flush()
}

// tested says whether anybody has seen p give the values of a real device.
func tested(p *profile.Profile) string {
	if p.DeviceTested() {
		return "tested"
	}
	return "untested on a device"
}

type profileShowVerb struct {
	Name string `arg:"" help:"Name of the profile, as list prints it."`
}

// Run prints the map, with what is known of the profile as comments: it can be saved as a map of one's own.
func (v profileShowVerb) Run(std streams) error {
	p, err := profile.Find(strings.TrimPrefix(v.Name, profile.Scheme))
	if err != nil {
		return fmt.Errorf("%s: %w", v.Name, err)
	}
	fmt.Fprintf(std.out, "# %s: %s\n# %s, %s\n", p.Name, p.Title, p.Kind, tested(p))
	for _, f := range p.Firmware {
		fmt.Fprintln(std.out, "# for:", f)
	}
	for _, s := range p.Source {
		fmt.Fprintln(std.out, "# from:", s)
	}
	if p.Remarks != "" {
		fmt.Fprintln(std.out, "#", p.Remarks)
	}
	for i := 0; i+1 < len(p.Device.Content); i += 2 {
		fmt.Fprintf(std.out, "# the device has %s: %s\n", p.Device.Content[i].Value, p.Device.Content[i+1].Value)
	}
	_, err = std.out.Write(p.Map)
	return err
}

// profilesOf are the profiles in the folder dir; those in the program, when it is "".
func profilesOf(dir string) ([]*profile.Profile, error) {
	if dir == "" {
		return profile.All(), nil
	}
	list, err := profile.Folder(os.DirFS(dir))
	if err == nil && len(list) == 0 {
		err = fmt.Errorf("%s holds no profile: NAME.csv with NAME.yaml", dir)
	}
	return list, err
}

type profileTestVerb struct {
	Dir string `arg:"" optional:"" type:"path" help:"Folder of profiles; default: those in the program."`
}

// Run prints a line for each test of each profile.
func (v profileTestVerb) Run(ctx context.Context, std streams) error {
	list, err := profilesOf(v.Dir)
	if err != nil {
		return err
	}
	failed := false
	for _, p := range list {
		if len(p.Tests) == 0 {
			fmt.Fprintf(std.out, "%s: no test\n", p.Name)
		}
		for _, t := range p.Tests {
			wrong, err := replayed(ctx, p, t)
			switch {
			case err != nil:
				return fmt.Errorf("profile %s, %s: %w", p.Name, t.Dump, err)
			case len(wrong) == 0:
				fmt.Fprintf(std.out, "%s: %s as it should be (from %s)\n", p.Name, t.Dump, t.From)
			}
			for _, w := range wrong {
				failed = true
				fmt.Fprintf(std.out, "%s: %s: %s\n", p.Name, t.Dump, w)
			}
		}
	}
	if failed {
		return exitStatus(exitFailed)
	}
	return nil
}
