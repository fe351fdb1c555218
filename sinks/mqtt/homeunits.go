package mqtt

import "tagbridge/mapping"

// homeUnit is a unit as Home Assistant writes it, and the device class of sensors that it takes that unit for; "": none.
type homeUnit struct{ unit, class string }

// homeSpellings are units as maps often have them, and as Home Assistant has them.
var homeSpellings = map[string]string{
	"degC": "°C", "deg C": "°C", "ºC": "°C", "℃": "°C", "Cel": "°C", "degF": "°F", "deg F": "°F", "ºF": "°F", "℉": "°F",
	"kwh": "kWh", "KWh": "kWh", "KWH": "kWh", "kw": "kW", "KW": "kW",
	"m3": "m³", "m^3": "m³", "m3/h": "m³/h", "m^3/h": "m³/h", "l": "L", "l/min": "L/min", "l/h": "L/h", "l/s": "L/s",
	"hz": "Hz", "HZ": "Hz", "Bar": "bar", "mBar": "mbar", "volt": "V", "Volt": "V", "Amp": "A",
	"sec": "s", "hr": "h", "hours": "h", "VAr": "var", "VAR": "var", "kVAr": "kvar", "kVAR": "kvar", "W/m2": "W/m²", "W/m^2": "W/m²",
}

// homeClasses are the device classes of units that say what is measured. Only units are there that every version of Home
// Assistant since 2024 takes for the class, as it refuses a sensor for another one; and no unit that several classes have
// (% may be humidity, a battery or a valve; m³ water, gas or the content of a tank).
var homeClasses = classesOf(map[string][]string{
	"temperature":      {"°C", "°F", "K"},
	"power":            {"W", "kW"},
	"energy":           {"Wh", "kWh", "MWh", "GJ", "MJ"},
	"voltage":          {"mV", "V"},
	"current":          {"mA", "A"},
	"frequency":        {"Hz", "kHz", "MHz", "GHz"},
	"pressure":         {"bar", "mbar", "cbar", "Pa", "hPa", "kPa", "psi", "inHg", "mmHg"},
	"apparent_power":   {"VA"},
	"reactive_power":   {"var"},
	"duration":         {"d", "h", "min", "s", "ms"},
	"speed":            {"m/s", "km/h", "mph", "mm/d"},
	"distance":         {"km", "m", "cm", "mm"},
	"weight":           {"kg", "g", "mg"},
	"volume_flow_rate": {"m³/h", "L/min"},
	"illuminance":      {"lx"},
	"irradiance":       {"W/m²"},
})

func classesOf(list map[string][]string) map[string]string {
	classes := map[string]string{}
	for class, units := range list {
		for _, unit := range units {
			classes[unit] = class
		}
	}
	return classes
}

// homeVolumes are the units of volumes, which are of that class when they add up.
var homeVolumes = map[string]bool{"m³": true, "L": true}

// homeUnitOf is the unit of a tag as Home Assistant has it, and what it says of the tag.
func homeUnitOf(unit string, total mapping.Total) (u homeUnit) {
	u.unit = unit
	if known := homeSpellings[unit]; known != "" {
		u.unit = known
	}
	u.class = homeClasses[u.unit]
	if homeVolumes[u.unit] && total != mapping.NoTotal {
		u.class = "volume"
	}
	return u
}

// homeState is the state class of a number: Home Assistant takes energy and volume only for what adds up, and which readings
// do the unit does not say.
func homeState(u homeUnit, total mapping.Total) string {
	adds := u.class == "energy" || u.class == "volume"
	switch {
	case adds && total == mapping.CounterTotal:
		return "total_increasing"
	case adds && total == mapping.TimeTotal:
		return "total" // of a power that may flow back
	case adds:
		return ""
	}
	return "measurement"
}
