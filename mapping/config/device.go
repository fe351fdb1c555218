package config

import (
	"time"

	"tagbridge/mapping"
	"tagbridge/mapping/source"
	"tagbridge/mapping/tagmap"
)

// Device is one device with its tags. What only devices of one driver have is in the struct of that driver; for the
// others it is zero.
type Device struct {
	Name        string
	Driver      string        // the name of one
	URL         source.Secret // as written, defaults of the URL not filled in
	Endpoint    Endpoint
	Modbus      Modbus
	Poll        time.Duration
	Align       bool
	Timeout     time.Duration
	Retries     int
	Measurement string
	Labels      []mapping.Label // sorted by name
	OPCUA       OPCUA
	Derived     Derived
	Held        string         // why it cannot be read as configured: a secret that is not there; "": it can
	Tags        []*mapping.Tag // enabled ones, in the order of the maps; shared between devices with equal maps
	// Alarms are those of the alarms of Tags, in their order, which are read from nowhere; see mapping.AlarmTags.
	Alarms []*mapping.Tag
	Source mapping.Source
}

// Unit is the number of the device where several share one connection; 0: it has none.
func (d *Device) Unit() int { return d.Modbus.UnitID }

// AskUnit has d be asked as the unit of that number, where it has one.
func (d *Device) AskUnit(number int) { d.Modbus.UnitID = number }

// Order is the byte order of tags that name none; where there is none to choose, it is the zero value.
func (d *Device) Order() mapping.Order { return d.Modbus.Order }

// Defaults are what the rows of its maps need not say.
func (d *Device) Defaults() tagmap.Defaults {
	return tagmap.Defaults{
		Driver: d.Driver, Pushed: d.Pushed(), ByChange: d.Unasked(), Poll: d.Poll, Order: d.Order(), Labels: d.Labels, Zone: d.Timezone(), Numbers: d.Numbers(),
		Wide: d.Modbus.RegisterBytes == wideRegister,
	}
}

// Numbers are what numbers of registers without a table are.
func (d *Device) Numbers() mapping.Numbers { return d.Modbus.numbers() }

// Timezone is the time zone of the device's clock; "": UTC, or values come with their time.
func (d *Device) Timezone() string { return d.Modbus.Timezone }

// Pushed reports that values come by themselves when they change: nobody asks for them.
func (d *Device) Pushed() bool { return d.OPCUA.Mode == subscribe }

// Unasked reports that values come by themselves: Pushed, or computed when what they are computed from was read.
func (d *Device) Unasked() bool { return d.Pushed() || d.Derived.Mode == change }

// AskOnly has d be asked for its values where it would send them by itself.
func (d *Device) AskOnly() { d.OPCUA.Mode = poll }

// Dated reports that what is read bears times of its own, so that one which comes again is no news.
func (d *Device) Dated() bool {
	if d.Derived.Mode != "" {
		return true
	}
	times := d.OPCUA.Timestamps
	return d.OPCUA.Mode == poll && times != "" && times != bridgeTime
}

// PerPoll reports that all samples of one poll have one time where they bear none of their own.
func (d *Device) PerPoll() bool { return d.Modbus.Timestamps != requestTime }

// Modbus is what only devices with driver modbus have.
type Modbus struct {
	UnitID        int
	Order         mapping.Order
	MaxRegisters  int
	MaxBits       int
	MaxGap        int
	Single        bool          // single_register: the device refuses to be asked for several registers at once
	Function      int           // 1 to 4: the Modbus function to read with, whatever the table; 0: the table's own
	Addresses     string        // modicon, wire: what numbers without a table are
	AcceptUnit    string        // who else may answer: "", a unit's number, AnyUnit
	Turnaround    time.Duration // of the device, for plan; 0: measured
	Timestamps    string        // poll, request
	Timezone      string        // of the device's clock; "": UTC
	RegisterBytes int           // that a register answers with: 2 or 4
}

// AnyUnit as AcceptUnit takes an answer whichever unit it names.
const AnyUnit = "any"

// OPCUA is what only devices with driver opcua have.
type OPCUA struct {
	Mode       string // poll, subscribe
	Timestamps string // source, server, bridge
	Security   Security
	Auth       Auth
}

// Derived is what only devices with driver derived have.
type Derived struct {
	Mode string // poll, change; "": the device is no derived one
	Of   string // the device whose tags need not be named with it; "": none
	// Inputs are the tags of other devices that are needed, each once.
	Inputs []Input
}

// Input is a tag of another device that a derived one needs.
type Input struct {
	Name string // device/tag
	// MaxAge is after how long without being read its value is one of the past; 0: it holds until the next.
	MaxAge time.Duration
}

// Words of the configuration that more than one place needs.
const (
	poll        = "poll"
	subscribe   = "subscribe"
	change      = "change"
	bridgeTime  = "bridge"
	requestTime = "request"
)

// Security is how an OPC UA channel is secured.
type Security struct {
	Policy, Mode     string
	Certificate, Key string
	Trust            []string
}

// Auth is how an OPC UA session logs in; the zero value is anonymous.
type Auth struct {
	Username         string
	Password         source.Secret
	Certificate, Key string
	// AllowInsecurePassword permits the password to travel unencrypted.
	AllowInsecurePassword bool
}
