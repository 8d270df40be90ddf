using System.Globalization;
using System.Text.Json;
using Migration.Simulator.Sqs.Protocol;

namespace Migration.Simulator.Sqs.Queues;

/// <summary>A queue's attributes, checked, with Amazon's defaults. Immutable: SetQueueAttributes makes new ones.</summary>
internal sealed class QueueSettings
{
    /// <summary>Attribute, default (null: absent unless set), and what a value must be.</summary>
    static readonly (string Name, string? Default, Func<string, bool> IsValid)[] Known =
    [
        ("VisibilityTimeout", "30", Number(0, SqsLimits.VisibilitySeconds)),
        ("DelaySeconds", "0", Number(0, SqsLimits.DelaySeconds)),
        ("ReceiveMessageWaitTimeSeconds", "0", Number(0, SqsLimits.WaitSeconds)),
        ("MaximumMessageSize", "1048576", Number(1024, SqsLimits.MessageBytes)),
        ("MessageRetentionPeriod", "345600", Number(60, 1_209_600)),
        ("SqsManagedSseEnabled", "true", OneOf("true", "false")),
        ("RedrivePolicy", null, _ => true),
        ("RedriveAllowPolicy", null, _ => true),
        ("Policy", null, _ => true),
        ("KmsMasterKeyId", null, _ => true),
        ("KmsDataKeyReusePeriodSeconds", null, Number(60, 86_400)),
        ("FifoQueue", null, OneOf("true")),
        ("ContentBasedDeduplication", null, OneOf("true", "false")),
        ("DeduplicationScope", null, OneOf("queue", "messageGroup")),
        ("FifoThroughputLimit", null, OneOf("perQueue", "perMessageGroupId")),
    ];

    QueueSettings(IReadOnlyDictionary<string, string> attributes)
    {
        Attributes = attributes;
        VisibilitySeconds = Seconds("VisibilityTimeout");
        DelaySeconds = Seconds("DelaySeconds");
        WaitSeconds = Seconds("ReceiveMessageWaitTimeSeconds");
        MaximumMessageSize = Seconds("MaximumMessageSize");
        RetentionSeconds = Seconds("MessageRetentionPeriod");
        Redrive = attributes.TryGetValue("RedrivePolicy", out var policy) ? RedrivePolicy.Parse(policy) : null;
        IsFifo = attributes.ContainsKey("FifoQueue");
        DeduplicatesByContent = attributes.GetValueOrDefault("ContentBasedDeduplication") == "true";
        DeduplicatesByGroup = attributes.GetValueOrDefault("DeduplicationScope") == "messageGroup";

        int Seconds(string name) => int.Parse(attributes[name], CultureInfo.InvariantCulture);
    }

    public IReadOnlyDictionary<string, string> Attributes { get; }
    public int VisibilitySeconds { get; }
    public int DelaySeconds { get; }
    public int WaitSeconds { get; }
    public int MaximumMessageSize { get; }
    public int RetentionSeconds { get; }
    public RedrivePolicy? Redrive { get; }
    public bool IsFifo { get; }
    public bool DeduplicatesByContent { get; }
    public bool DeduplicatesByGroup { get; }

    public static bool IsKnown(string attribute) => Array.Exists(Known, x => x.Name == attribute);

    public static QueueSettings Create(string queueName, IReadOnlyDictionary<string, string>? given)
    {
        var defaults = Known.Where(x => x.Default is not null).ToDictionary(x => x.Name, x => x.Default!);
        var settings = new QueueSettings(defaults).With(given);
        return settings.IsFifo == queueName.EndsWith(".fifo", StringComparison.Ordinal)
            ? settings
            : throw SqsException.InvalidParameter("QueueName", queueName, "The name of a FIFO queue, and of no other, ends with .fifo.");
    }

    public QueueSettings With(IReadOnlyDictionary<string, string>? given)
    {
        var attributes = new Dictionary<string, string>(Attributes);
        foreach (var (name, value) in given ?? new Dictionary<string, string>())
        {
            var known = Array.Find(Known, x => x.Name == name);
            if (known.Name is null)
                throw SqsException.InvalidAttributeName(name);
            if (!known.IsValid(value))
                throw SqsException.InvalidAttributeValue(name);
            if (value.Length == 0)
                attributes.Remove(name); // how a policy is taken away
            else
                attributes[name] = value;
        }
        return new QueueSettings(attributes);
    }

    /// <summary>The first of the given attributes that has another value here; null when all agree.</summary>
    public string? FirstDifference(IReadOnlyDictionary<string, string>? given) =>
        given?.Where(x => !IsSame(x.Key, Attributes.GetValueOrDefault(x.Key, ""), x.Value)).Select(x => x.Key).FirstOrDefault();

    static bool IsSame(string name, string left, string right) =>
        left == right || (name == "RedrivePolicy" && left.Length > 0 && right.Length > 0 && RedrivePolicy.Parse(left) == RedrivePolicy.Parse(right));

    static Func<string, bool> Number(int minimum, int maximum) =>
        value => int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= minimum && number <= maximum;

    static Func<string, bool> OneOf(params string[] values) => values.Contains;
}

/// <summary>After <paramref name="MaxReceiveCount"/> receives a message goes to the queue <paramref name="TargetArn"/>.</summary>
internal sealed record RedrivePolicy(string TargetArn, int MaxReceiveCount)
{
    public static RedrivePolicy Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var target = document.RootElement.GetProperty("deadLetterTargetArn").GetString();
            var count = document.RootElement.GetProperty("maxReceiveCount"); // a number or a text, both are in use
            var maximum = count.ValueKind == JsonValueKind.Number ? count.GetInt32() : int.Parse(count.GetString()!, CultureInfo.InvariantCulture);
            if (!string.IsNullOrEmpty(target) && maximum is >= 1 and <= 1000)
                return new RedrivePolicy(target, maximum);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException or ArgumentNullException)
        {
            throw SqsException.InvalidParameter("RedrivePolicy", json, $"It must be JSON with deadLetterTargetArn and maxReceiveCount ({e.GetType().Name}).");
        }
        throw SqsException.InvalidParameter("RedrivePolicy", json, "deadLetterTargetArn must be set and maxReceiveCount be between 1 and 1000.");
    }
}
