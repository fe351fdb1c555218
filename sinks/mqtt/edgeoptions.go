package mqtt

import "tagbridge/sinks/sparkplug"

// EdgeOptions say which edge node of Sparkplug B it is, and where it publishes.
type EdgeOptions struct {
	Options                       // of these, Topic, StateTopic, Format, QoS and Retain mean nothing
	Sparkplug   sparkplug.Options // group, node and the like
	URLs        []string          // other servers besides URL, in turn
	PrimaryHost string            // the host that is waited for; "": none
	File        string            // where the number of the last connection is kept; "": nowhere
}
