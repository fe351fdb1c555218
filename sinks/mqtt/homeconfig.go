package mqtt

import (
	"encoding/json"

	"tagbridge/mapping"
)

// The kinds of entities of Home Assistant that tags are: what its topics call components.
const (
	homeSensor = "sensor"
	homeBinary = "binary_sensor"
)

// homeConfig is a discovery message of Home Assistant's MQTT integration: what a sensor or a binary sensor is.
type homeConfig struct {
	Name           string     `json:"name"`
	UniqueID       string     `json:"unique_id"`
	ObjectID       string     `json:"object_id"`         // what the entity is called at first, before 2025.10
	DefaultID      string     `json:"default_entity_id"` // likewise, since then
	StateTopic     string     `json:"state_topic"`
	Template       string     `json:"value_template,omitempty"`
	Unit           string     `json:"unit_of_measurement,omitempty"`
	DeviceClass    string     `json:"device_class,omitempty"`
	StateClass     string     `json:"state_class,omitempty"`
	Options        []string   `json:"options,omitempty"`
	On             string     `json:"payload_on,omitempty"`
	Off            string     `json:"payload_off,omitempty"`
	Category       string     `json:"entity_category,omitempty"`
	Availability   string     `json:"availability_topic,omitempty"`
	Available      string     `json:"payload_available,omitempty"`
	NotAvailable   string     `json:"payload_not_available,omitempty"`
	Device         homeDevice `json:"device"`
	Origin         homeOrigin `json:"origin"`
	topic, payload string     // of the message that it is
	of             keptTopic
}

type homeDevice struct {
	Identifiers []string `json:"identifiers"`
	Name        string   `json:"name"`
	Via         string   `json:"via_device,omitempty"`
}

type homeOrigin struct {
	Name string `json:"name"`
}

// homeUnique is what the identifiers of all that is here begin with.
const homeUnique = "tagbridge_"

// maxOptions is how many texts of an enumeration are told.
const maxOptions = 200

// homeComponent is what a tag of that kind is for Home Assistant; "": nobody knows yet.
func homeComponent(series *mapping.Series, kind mapping.Kind) string {
	switch {
	case kind == mapping.None:
		return ""
	case kind == mapping.Bool && len(series.Enum) == 0:
		return homeBinary
	}
	return homeSensor
}

// describe is the message about series i of g, whose values come to that topic.
func (h *home) describe(g *mapping.Group, i uint16, kind mapping.Kind, topic string) homeConfig {
	series := g.Series[i]
	component := homeComponent(series, kind)
	c := homeConfig{
		Name: series.Tag, UniqueID: homeUnique + homeID(g.Bridge, g.Device, series.Tag), StateTopic: topic,
		ObjectID: slug(g.Device + "_" + series.Tag), Device: homeDevice{[]string{homeUnique + homeID(g.Bridge, g.Device)}, g.Device, h.via(g)},
		Origin: homeOrigin{"tagbridge"},
	}
	c.DefaultID = component + "." + c.ObjectID
	if h.stateTopic != "" {
		c.Availability, c.Available, c.NotAvailable = h.stateTopic, online, offline
	}
	if g.Own {
		c.Category = "diagnostic"
	}
	h.describeValue(&c, series, kind, h.known(g.Device, series.Tag).Total)
	c.topic = h.topic(component, g.Bridge, g.Device, series.Tag)
	c.of = keptTopic{c.topic, component, g.Bridge, g.Device, series.Tag}
	return c
}

// describeValue says what the values of c are, and how they are read from what the format makes of them.
func (h *home) describeValue(c *homeConfig, series *mapping.Series, kind mapping.Kind, total mapping.Total) {
	value := "value" // of a template; a null becomes None, which is unknown
	if h.json {
		value = "value_json.value"
		c.Template = "{{ value_json.value }}"
	}
	switch {
	case len(series.Enum) > 0:
		c.DeviceClass, c.Options = enumOptions(series.Enum)
		if h.json {
			c.Template = "{{ value_json.text | default(none) }}"
		}
	case kind == mapping.Bool:
		c.On, c.Off = "true", "false"
		if h.json {
			c.On, c.Off = "True", "False" // as a template writes them
		}
		if series.Tag == mapping.OnlineTag {
			c.DeviceClass = "connectivity"
		}
	case kind == mapping.Text:
		// A state of Home Assistant has 255 characters at most.
		c.Template = "{{ " + value + "[:255] }}"
		if h.json {
			c.Template = "{{ value_json.value[:255] if value_json.value is string else none }}"
		}
	default:
		u := homeUnitOf(series.Unit, total)
		c.Unit, c.DeviceClass, c.StateClass = u.unit, u.class, homeState(u, total)
	}
}

// enumOptions are the texts of an enumeration, each once; when there are very many, it is text like any other.
func enumOptions(enum []mapping.EnumText) (class string, options []string) {
	seen := map[string]bool{}
	for _, e := range enum {
		if !seen[e.Text] && e.Text != "" {
			seen[e.Text] = true
			options = append(options, e.Text)
		}
	}
	if len(options) == 0 || len(options) > maxOptions {
		return "", nil
	}
	return "enum", options
}

// topic is where Home Assistant is told of a tag.
func (h *home) topic(component, bridge, device, tag string) string {
	return h.o.Prefix + "/" + component + "/" + homeID(bridge, device) + "/" + homeID(tag) + "/config"
}

// bridgeTopic is where it is told of the bridge.
func (h *home) bridgeTopic(bridge string) string {
	return h.o.Prefix + "/" + homeBinary + "/" + homeID(bridge) + "/" + homeID(h.stateTopic) + "/config"
}

// via is the identifier of the bridge, through which its devices are reached; "": Home Assistant is not told of it.
func (h *home) via(g *mapping.Group) string {
	if h.stateTopic == "" {
		return ""
	}
	return homeUnique + homeID(g.Bridge)
}

// describeBridge is the message about the bridge itself: whether it is connected to the broker.
func (h *home) describeBridge(bridge string) homeConfig {
	id := homeID(bridge)
	c := homeConfig{
		Name: "Connection", UniqueID: homeUnique + id + "__" + homeID(h.stateTopic), ObjectID: slug(bridge + "_connection"),
		StateTopic: h.stateTopic, DeviceClass: "connectivity", On: online, Off: offline, Category: "diagnostic",
		Device: homeDevice{Identifiers: []string{homeUnique + id}, Name: bridge}, Origin: homeOrigin{"tagbridge"},
	}
	c.DefaultID = homeBinary + "." + c.ObjectID
	c.topic = h.bridgeTopic(bridge)
	c.of = keptTopic{Topic: c.topic, Bridge: bridge}
	return c
}

// write fills in the payload.
func (c *homeConfig) write() *homeConfig {
	payload, err := json.Marshal(c)
	if err != nil {
		panic("mqtt: " + err.Error()) // strings are all that it has
	}
	c.payload = string(payload)
	return c
}
