using Migration.Simulator.Sqs.Protocol;

namespace Migration.Simulator.Sqs.Actions;

/// <summary>What all batches have in common: the checks that refuse the whole, and an answer that tells of each entry.</summary>
internal static class Batch
{
    /// <summary>Checks the entries and runs <paramref name="one"/> on each; what it throws fails that entry alone.</summary>
    public static void Run(SqsCall call, Action<SqsEntry> one)
    {
        var entries = Check(call);
        var failures = new Dictionary<SqsEntry, SqsException>();
        foreach (var entry in entries)
        {
            if (Try(call, entry, one) is { } failure)
                failures[entry] = failure;
        }
        WriteSuccessful(call, entries.Where(x => !failures.ContainsKey(x)), (_, _) => { });
        WriteFailed(call, failures);
    }

    public static List<SqsEntry> Check(SqsCall call)
    {
        if (call.Request.Entries is not { Count: > 0 } entries)
            throw SqsException.EmptyBatch();
        if (entries.Count > SqsLimits.BatchEntries)
            throw SqsException.TooManyEntries(entries.Count);
        for (var i = 0; i < entries.Count; i++)
        {
            var id = entries[i].Id ?? throw SqsException.MissingParameter("Id");
            if (id.Length is 0 or > 80 || !id.All(x => char.IsAsciiLetterOrDigit(x) || x is '-' or '_'))
                throw SqsException.InvalidBatchEntryId();
            for (var j = 0; j < i; j++)
            {
                if (entries[j].Id == id)
                    throw SqsException.BatchEntryIdsNotDistinct(id);
            }
        }
        return entries;
    }

    public static SqsException? Try(SqsCall call, SqsEntry entry, Action<SqsEntry> one)
    {
        if (SqsFaults.Happens(call.Broker.Faults.PartialBatchFailureRate))
            return SqsException.InternalError();
        if (SqsFaults.Happens(call.Broker.Faults.ThrottledEntryRate))
            return SqsException.RequestThrottled();
        try
        {
            one(entry);
            return null;
        }
        catch (SqsException e) when (e.Type != "QueueDoesNotExist")
        {
            return e;
        }
    }

    public static void WriteSuccessful<T>(SqsCall call, IEnumerable<T> successes, Action<SqsCall, T> writeRest)
    {
        call.Json.WriteStartArray("Successful");
        foreach (var success in successes)
        {
            call.Json.WriteStartObject();
            if (success is SqsEntry entry)
                call.Json.WriteString("Id", entry.Id);
            writeRest(call, success);
            call.Json.WriteEndObject();
        }
        call.Json.WriteEndArray();
    }

    public static void WriteFailed(SqsCall call, Dictionary<SqsEntry, SqsException> failures)
    {
        call.Json.WriteStartArray("Failed");
        foreach (var (entry, failure) in failures)
        {
            call.Json.WriteStartObject();
            call.Json.WriteString("Id", entry.Id);
            call.Json.WriteString("Code", failure.QueryCode);
            call.Json.WriteString("Message", failure.Message);
            call.Json.WriteBoolean("SenderFault", failure.IsSenderFault);
            call.Json.WriteEndObject();
        }
        call.Json.WriteEndArray();
    }
}
