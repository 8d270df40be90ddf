using System.Text.Json.Nodes;

namespace Migration.Tests.Specs;

internal sealed class ApiDocuments_Specs
{
    /// <summary>Where we differ on purpose, with the reason. A line that no longer holds fails the test as well.</summary>
    private static readonly Dictionary<string, Dictionary<string, string>> Permitted = new()
    {
        ["nomis-prisoner-api.json"] = new()
        {
            ["GET /visits/ids query ignoreMissingRoom: not there"] = "sent as before; NOMIS takes no notice of it",
            ["GET /visits/ids 200 content: optional there, required here"] = "Spring marks nothing of a page as required, yet always sends it",
            ["GET /visits/ids 200 totalElements: optional there, required here"] = "as above",
            ["GET /visits/ids 200 totalPages: optional there, required here"] = "as above",
            ["GET /visits/ids 200 number: optional there, required here"] = "as above",
            ["GET /visits/ids 200 size: optional there, required here"] = "as above",
            ["GET /visits/{visitId} 200 visitOutcome: required there, optional here"] = "absent when a visit has no outcome",
            ["GET /visits/{visitId} 200 agencyInternalLocation: required there, optional here"] = "absent when a visit has no room",
            ["GET /visits/{visitId} 200 visitors[] leadVisitor: required there, optional here"] = "not read",
            ["GET /transactions/{transactionId} 200[] amount: number there, number decimal here"] = "money: a binary fraction would lose pennies",
            ["GET /transactions/{transactionId} 200[] generalLedgerTransactions[] amount: number there, number decimal here"] = "as above",
            ["GET /transactions/{transactionId}/general-ledger 200[] amount: number there, number decimal here"] = "as above",
        },
        ["nomis-mapping-service.json"] = new()
        {
            ["GET /mapping/visits/migration-id/{migrationId} query size: not there"] = "the document shows one pageRequest object, which Spring reads from page and size",
            ["GET /mapping/visits/migration-id/{migrationId} query pageRequest: required there"] = "as above",
            ["GET /mapping/visits/migration-id/{migrationId} 200 totalElements: not there"] = "documented as one row, in fact a page",
            ["GET /prison/{prisonId}/room/nomis-room-id/{nomisRoomDescription} 200 prisonId: required there, optional here"] = "not read",
            ["GET /prison/{prisonId}/room/nomis-room-id/{nomisRoomDescription} 200 nomisRoomDescription: required there, optional here"] = "not read",
            ["POST /mapping/visits 409 status: required there, optional here"] = "not read; some senders leave it out",
            ["POST /mapping/visits 409 errorCode: required there, optional here"] = "as above",
            ["POST /mapping/visits 409 userMessage: required there, optional here"] = "as above",
            ["POST /mapping/sentencing/adjustments 409 moreInfo existing: required there, optional here"] = "null when two requests met in the database",
            ["POST /mapping/sentencing/adjustments 409 status: required there, optional here"] = "not read; some senders leave it out",
            ["POST /mapping/sentencing/adjustments 409 errorCode: required there, optional here"] = "as above",
            ["POST /mapping/sentencing/adjustments 409 userMessage: required there, optional here"] = "as above",
            ["GET /mapping/sentencing/adjustments/migration-id/{migrationId} query size: not there"] = "as for visits",
            ["GET /mapping/sentencing/adjustments/migration-id/{migrationId} query pageRequest: required there"] = "as for visits",
            ["GET /mapping/sentencing/adjustments/migration-id/{migrationId} 200 totalElements: not there"] = "as for visits",
            ["POST /mapping/transactions 409 moreInfo existing: required there, optional here"] = "null when two requests met in the database",
            ["POST /mapping/transactions 409 status: required there, optional here"] = "not read; some senders leave it out",
            ["POST /mapping/transactions 409 errorCode: required there, optional here"] = "as above",
            ["POST /mapping/transactions 409 userMessage: required there, optional here"] = "as above",
        },
        ["sentencing-adjustments.json"] = [],
        ["prisoner-finance.json"] = new()
        {
            ["POST /sync/offender-transactions body offenderTransactions[] amount: number there, number decimal here"] = "money: a binary fraction would lose pennies",
            ["POST /sync/offender-transactions body offenderTransactions[] generalLedgerEntries: array decimal there, array here"] = "a format that means nothing on a list",
        },
    };

    [TestCaseSource(typeof(ApiDocuments), nameof(ApiDocuments.Ours))]
    public async Task Should_be_whole(string name)
    {
        var document = JsonNode.Parse(await File.ReadAllTextAsync(ApiDocuments.PathOf(name)))!;

        var operations = document["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject()).Select(operation => operation.Value!).ToList();
        var schemas = document["components"]!["schemas"]!.AsObject().Select(schema => schema.Key).ToList();
        Assert.Multiple(() =>
        {
            Assert.That((string?)document["openapi"], Does.StartWith("3."));
            Assert.That(operations, Is.Not.Empty);
            Assert.That(operations.Select(operation => (string?)operation["operationId"]), Is.Unique.And.All.Not.Null);
            Assert.That(References(document).Distinct(), Is.EquivalentTo(schemas.Select(schema => $"#/components/schemas/{schema}")), "every schema is there, and used");
        });
    }

    [TestCaseSource(typeof(ApiDocuments), nameof(ApiDocuments.OursWithRealOnes))]
    public async Task Should_agree_with_the_real_document(string name)
    {
        var ours = JsonNode.Parse(await File.ReadAllTextAsync(ApiDocuments.PathOf(name)))!;
        var real = JsonNode.Parse(await File.ReadAllTextAsync(ApiDocuments.RealPathOf(name)!))!; // the source yields only those that exist

        Assert.That(ContractComparison.Differences(ours, real), Is.EquivalentTo(Permitted[name].Keys));
    }

    [Test]
    public void Should_notice_what_differs()
    {
        var real = JsonNode.Parse("""
            {"paths":{"/things":{"post":{
               "parameters":[{"in":"query","name":"must","required":true,"schema":{"type":"string"}},{"in":"query","name":"page","schema":{"type":"string"}}],
               "requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Thing"}}}},
               "responses":{"200":{"content":{"*/*":{"schema":{"$ref":"#/components/schemas/Thing"}}}}}}}},
             "components":{"schemas":{"Thing":{"type":"object","required":["id","colour"],
               "properties":{"id":{"type":"integer","format":"int64"},"colour":{"type":"string","enum":["RED","BLUE"]},"note":{"type":["string","null"]}}}}}}
            """)!;
        var ours = JsonNode.Parse("""
            {"paths":{"/things":{"post":{
               "parameters":[{"in":"query","name":"page","schema":{"type":"integer"}}],
               "requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/New"}}}},
               "responses":{"200":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Read"}}}}}},
               "get":{"responses":{}}}},
             "components":{"schemas":{
               "New":{"type":"object","properties":{"colour":{"type":"string","enum":["RED","GREEN"]}}},
               "Read":{"type":"object","required":["note"],"properties":{"id":{"type":"integer","format":"int32"},"colour":{"type":"string","enum":["RED"]},"note":{"type":"string"},"more":{"type":"string"}}}}}}
            """)!;

        Assert.That(ContractComparison.Differences(ours, real), Is.EquivalentTo(new[]
        {
            "GET /things: not there",
            "POST /things query must: required there",
            "POST /things query page: string there, integer here",
            "POST /things body colour: required there, optional here",
            "POST /things body colour: GREEN is not understood by the receiver",
            "POST /things body id: required there, missing here",
            "POST /things 200 id: integer int64 there, integer int32 here",
            "POST /things 200 id: required there, optional here",
            "POST /things 200 colour: required there, optional here",
            "POST /things 200 colour: BLUE is not understood by the receiver",
            "POST /things 200 note: optional there, required here",
            "POST /things 200 note: may be null there",
            "POST /things 200 more: not there",
        }));
    }

    private static IEnumerable<string> References(JsonNode? node) => node switch
    {
        JsonObject values => values.SelectMany(value => value.Key == "$ref" ? [(string)value.Value!] : References(value.Value)),
        JsonArray items => items.SelectMany(References),
        _ => [],
    };
}
