using System.Globalization;
using System.Text;
using Migration.Simulator.Sqs.Protocol;
using Migration.Simulator.Sqs.Queues;

namespace Migration.Simulator.Sqs.Actions;

/// <summary>Queues, their attributes and tags.</summary>
internal static class QueueActions
{
    const int PageSize = 1000;

    public static void Create(SqsCall call) =>
        call.Json.WriteString("QueueUrl", call.UrlOf(call.Broker.Create(call.Request.QueueName, call.Request.Attributes, call.Request.CreateTags)));

    public static void GetUrl(SqsCall call) => call.Json.WriteString("QueueUrl", call.UrlOf(call.Broker.Get(call.Request.QueueName)));

    public static void List(SqsCall call)
    {
        var size = SqsLimits.Range("MaxResults", call.Request.MaxResults ?? PageSize, 1, PageSize);
        var after = call.Request.NextToken is { } token ? Decode(token) : "";
        var page = call.Broker.Queues
            .Where(x => x.Name.StartsWith(call.Request.QueueNamePrefix ?? "", StringComparison.Ordinal) && string.CompareOrdinal(x.Name, after) > 0)
            .Take(size + 1)
            .ToList();
        WriteUrls(call, "QueueUrls", page.Take(size));
        // without MaxResults there is no next page (API reference, ListQueues)
        if (page.Count > size && call.Request.MaxResults is not null)
            call.Json.WriteString("NextToken", Convert.ToBase64String(Encoding.UTF8.GetBytes(page[size - 1].Name)));
    }

    public static void WriteUrls(SqsCall call, string property, IEnumerable<SqsQueue> queues)
    {
        call.Json.WriteStartArray(property);
        foreach (var queue in queues)
            call.Json.WriteStringValue(call.UrlOf(queue));
        call.Json.WriteEndArray();
    }

    public static void Delete(SqsCall call) => call.Broker.Delete(call.Queue.Name);

    public static void Purge(SqsCall call) => call.Queue.Purge(call.Broker.PurgeInterval);

    public static void SetAttributes(SqsCall call) =>
        call.Broker.Change(call.Queue, call.Request.Attributes ?? throw SqsException.MissingParameter("Attributes"));

    public static void GetAttributes(SqsCall call)
    {
        var names = call.Request.AttributeNames ?? [];
        var attributes = Describe(call.Queue);
        foreach (var name in names)
        {
            if (name != "All" && !attributes.ContainsKey(name) && !QueueSettings.IsKnown(name))
                throw SqsException.InvalidAttributeName(name);
        }
        var wanted = attributes.Where(x => names.Contains("All") || names.Contains(x.Key)).ToList();
        if (wanted.Count > 0)
            WriteMap(call, "Attributes", wanted);
    }

    public static void Tag(SqsCall call)
    {
        var tags = call.Request.Tags ?? throw SqsException.MissingParameter("Tags");
        call.Queue.ChangeTags(present =>
        {
            foreach (var (key, value) in tags)
                present[key] = value;
        });
    }

    public static void Untag(SqsCall call)
    {
        var keys = call.Request.TagKeys ?? throw SqsException.MissingParameter("TagKeys");
        call.Queue.ChangeTags(present =>
        {
            foreach (var key in keys)
                present.Remove(key);
        });
    }

    public static void ListTags(SqsCall call) => call.Queue.ChangeTags(present => WriteMap(call, "Tags", present));

    static Dictionary<string, string> Describe(SqsQueue queue)
    {
        var depth = queue.Depth;
        return new Dictionary<string, string>(queue.Settings.Attributes)
        {
            ["QueueArn"] = queue.Arn,
            ["CreatedTimestamp"] = Text(queue.CreatedAt / 1000),
            ["LastModifiedTimestamp"] = Text(queue.ModifiedAt / 1000),
            ["ApproximateNumberOfMessages"] = Text(depth.Visible),
            ["ApproximateNumberOfMessagesNotVisible"] = Text(depth.InFlight),
            ["ApproximateNumberOfMessagesDelayed"] = Text(depth.Delayed),
        };

        static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
    }

    static void WriteMap(SqsCall call, string property, IEnumerable<KeyValuePair<string, string>> map)
    {
        call.Json.WriteStartObject(property);
        foreach (var (key, value) in map)
            call.Json.WriteString(key, value);
        call.Json.WriteEndObject();
    }

    static string Decode(string token)
    {
        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(token));
        }
        catch (FormatException)
        {
            throw SqsException.InvalidParameter("NextToken", token, "It was not issued by ListQueues.");
        }
    }
}
