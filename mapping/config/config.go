// Package config loads a configuration and its tag maps: YAML and CSV into plain, checked values, with every problem
// found in one go and its place. It reads files and nothing else; it knows all options and opens none of what they name.
package config

import (
	"time"

	"go.yaml.in/yaml/v3"
)

// Config is a whole configuration, checked, defaults filled in, secrets and labels in place. Immutable once loaded.
type Config struct {
	File    string // "-" for standard input
	Bridge  Bridge
	Devices []Device // enabled ones, in the order of the file
	Sinks   []Sink   // enabled ones, in the order of the file
	Tables  []Table  // of devices, those that could be read
	Maps    []Map    // in the order in which devices name them, those of disabled devices among them
}

// Table is a table of devices that the configuration names.
type Table struct {
	File string       // of a workbook with its sheet
	Name string       // as the configuration names it
	Rows []*yaml.Node // the devices, as they would stand in the configuration: defaults filled in, paths as from its folder
}

// Map is a tag map that the configuration names, or the rows that a device has in place.
type Map struct {
	File    string   // as messages name it, also one that cannot be read; of rows in place the configuration's
	Rows    int      // of rows in place, how many; 0: it is a file
	Devices []string // that have it; of rows in place one
}

// Bridge is the section of that name.
type Bridge struct {
	Name    string
	DataDir string // absolute, or relative to the working directory
	HTTP    HTTP
	Watch   bool
	Log     Log
	Journal Journal
	// Timezone is the name of whose days and months windows are of; "": the machine's.
	Timezone string
	Cluster  Cluster
}

// HTTP says where the metrics, health and lists are served; Listen "" is nowhere.
type HTTP struct {
	Listen string
	TLS    TLS
	Users  string // a file of name:bcrypt-hash or token lines
	Edit   bool   // those users who may edit can change tag maps and have devices read; there are users
}

// Log says how the bridge logs.
type Log struct {
	Level  string // debug info warn error
	Format string // text json
}

// Journal is the limits of the journal.
type Journal struct {
	Sync     time.Duration // 0: a sample is taken once synced
	MaxSize  int64         // bytes
	MaxAge   time.Duration
	Keep     time.Duration // how long delivered samples stay, to look back; 0: nothing of them
	KeepSize int64         // bytes of them at most
	Rejected int64         // bytes kept of rejected samples, a sink
}

// TLS is the section of that name of a device, a sink or the HTTP server. Paths are resolved.
type TLS struct {
	CA, Certificate, Key string
	ServerName           string
	Insecure             bool
}

// Endpoint is the connection that devices share when their Key is equal.
type Endpoint struct {
	Key         string // transport, host and port with the default filled in, the resolved serial port, or a URL whose ${…} stands
	Transport   string // tcp tls udp rtu ascii rtuovertcp rtuoverudp asciiovertcp; opc.tcp
	Address     string // host:port, or the path of the serial port
	Serial      Serial
	Pause       time.Duration
	Connections int
	TLS         TLS
	GatewayBaud int     // baud rate behind a TCP gateway, for plan; 0: not known
	ProbeShare  float64 // share of the line's time for probing dead units, 0 to 1
	Echo        bool    // the adapter hears itself
	RS485       RS485
	CloseAfter  bool     // close_after_poll: the connection is closed when a poll is done
	Only        []string // members of a cluster that may read it; nil: all
	Prefer      string   // the member that reads it while it is there; "": any
	// AfterConnect is pause_after_connect: nothing is asked so soon.
	AfterConnect time.Duration
}

// RS485 is the direction control of a serial adapter by its RTS line.
type RS485 struct {
	Enabled             bool
	RTSBefore, RTSAfter time.Duration
}

// Serial is the parameters of a serial line.
type Serial struct {
	Baud, Data, Stop int
	Parity           string // none odd even
}
