package sparkplug

import "tagbridge/sinks/message"

// namespace is the first level of the topics of Sparkplug B (Sparkplug 3.0.0, 4.1.1).
const namespace = "spBv1.0/"

// topic is that of a message of that type of a node, or with a device of one of its devices (Sparkplug 3.0.0, 4.1).
func (o *Options) topic(kind, device string) *message.Topic {
	name := namespace + o.Group + "/" + kind + "/" + o.Node
	if device != "" {
		name += "/" + device
	}
	return &message.Topic{Name: name}
}

// CommandTopic is where commands to the node come from.
func (o *Options) CommandTopic() string { return o.topic("NCMD", "").Name }

// FenceTopic is a topic filter that nobody ever subscribes to: an UNSUBSCRIBE of it asks the broker only whether it has read
// everything that was sent before.
func (o *Options) FenceTopic() string { return o.CommandTopic() + "/-" }

// DeathTopic is that of the node's will.
func (o *Options) DeathTopic() string { return o.topic("NDEATH", "").Name }

// StateTopics are where a primary host says whether it is online: as of version 3.0, and as before.
func StateTopics(host string) (now, before string) {
	return namespace + "STATE/" + host, "STATE/" + host
}
