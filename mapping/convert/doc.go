// Package convert makes tag maps and a configuration of what other programs keep: telegraf.conf, tag exports of Kepware,
// registers of modpoll and ioBroker, device profiles of EdgeX, tags of Neuron, sensors of Home Assistant. For each row it
// says whether it was taken, with which change, or why not. It reads and writes no files. It also turns a tag map into
// other formats and back.
package convert
