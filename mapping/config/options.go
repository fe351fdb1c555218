package config

import (
	"io"
	"os"

	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// Options says where a configuration finds what is not in its files. The zero value takes everything from the process
// and leaves ${…} as written.
type Options struct {
	Stdin          io.Reader           // read for the path "-"; default os.Stdin
	Getenv         func(string) string // default os.Getenv
	CredentialsDir string              // of ${credential:NAME}; default $CREDENTIALS_DIRECTORY
	StateDir       string              // default of bridge.data_dir; default $STATE_DIRECTORY
	Hostname       string              // default of bridge.name; default the host's
	Expand         bool                // replace ${…}; else values that hold one are taken as they stand
	RequireSecrets bool                // a missing secret that is of no device or sink is a problem (run), else a warning (check)
	Cache          *tagmap.Cache       // of the load before this one; nil: none
	Files          *source.Files       // what lies over the disk: drafts, what is inside the program; nil: nothing
	// Seen is told of each file that the configuration depends on, whether it is there or not. content is what was read
	// of the configuration and its tag maps, and nil of all others: certificates, keys and secrets.
	Seen func(path string, content []byte)

	asked func(source.Asked) // what the manual's reference is made of
}

// text is what of o the reading of texts needs.
func (o *Options) text() source.Options {
	return source.Options{
		Stdin: o.Stdin, Getenv: o.Getenv, CredentialsDir: o.CredentialsDir, Expand: o.Expand, RequireSecrets: o.RequireSecrets,
		Files: o.Files, Seen: o.Seen, Asked: o.asked,
	}
}

// withDefaults is o with what it leaves out taken from the process.
func (o Options) withDefaults() Options {
	if o.Stdin == nil {
		o.Stdin = os.Stdin
	}
	if o.Getenv == nil {
		o.Getenv = os.Getenv
	}
	if o.CredentialsDir == "" {
		o.CredentialsDir = o.Getenv("CREDENTIALS_DIRECTORY")
	}
	if o.StateDir == "" {
		o.StateDir = o.Getenv("STATE_DIRECTORY")
	}
	if o.Hostname == "" {
		// Without a host name the bridge still needs one.
		if o.Hostname, _ = os.Hostname(); o.Hostname == "" {
			o.Hostname = "tagbridge"
		}
	}
	return o
}
