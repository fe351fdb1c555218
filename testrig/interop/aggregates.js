// Aggregates of OPC UA Part 13 by node-opcua. Of each line of standard input, {length, start, end, samples: [[ms, value, bad]]}, it
// answers {average, minimum, maximum, count, percentGood, held}: a list each, [value or null, status], an interval an entry.
// "held" is Interpolative, stepped: the value at the start of the interval.
"use strict";
const readline = require("readline");
const opcua = require("node-opcua");
const aggregates = require("node-opcua-aggregates");
const { AddressSpace, DataType, DataValue, StatusCodes, Variant } = opcua;

async function main() {
  const space = AddressSpace.create();
  await opcua.generateAddressSpace(space, [opcua.nodesets.standard]);
  const own = space.registerNamespace("urn:tagbridge:aggregates");
  aggregates.addAggregateSupport(space);
  let made = 0;
  const answer = async (line) => {
    const { length, start, end, samples } = JSON.parse(line);
    const node = own.addVariable({ browseName: "H" + ++made, dataType: "Double", organizedBy: space.rootFolder.objects });
    space.installHistoricalDataNode(node, { maxOnlineValues: samples.length + 1 });
    aggregates.installAggregateConfigurationOptions(node, {
      stepped: true, treatUncertainAsBad: false, percentDataBad: 100, percentDataGood: 100, useSlopedExtrapolation: false,
    });
    for (const [ms, value, bad] of samples) {
      node._historyPush(new DataValue({
        sourceTimestamp: new Date(ms),
        statusCode: bad ? StatusCodes.BadTimeout : StatusCodes.Good,
        value: new Variant({ dataType: DataType.Double, value }),
      }));
    }
    const ask = (f) => new Promise((done, fail) => {
      f(node, length, new Date(start), new Date(end), (error, values) => {
        if (error) return fail(error);
        done(values.map((v) => [v.value && v.value.dataType !== DataType.Null ? v.value.value : null, v.statusCode.name.split("#")[0]]));
      });
    });
    return {
      average: await ask(aggregates.getAverageData),
      minimum: await ask(aggregates.getMinData),
      maximum: await ask(aggregates.getMaxData),
      count: await ask(aggregates.getCountData),
      percentGood: await ask(aggregates.getPercentGoodData),
      held: await ask(aggregates.getInterpolatedData),
    };
  };
  process.stdout.write("> ready\n");
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write("> " + JSON.stringify(await answer(line).catch((error) => ({ error: String(error.stack) }))) + "\n");
  }
}

main().catch((error) => {
  process.stdout.write("> " + JSON.stringify({ error: String(error.stack) }) + "\n");
});
