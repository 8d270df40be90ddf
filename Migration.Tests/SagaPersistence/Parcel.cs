using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Migration.Tests.SagaPersistence;

public sealed record SendParcel(Guid ParcelId, Size Size, DateTime? SentAt, string? Note);

public sealed record LookAtParcel(Guid ParcelId);

/// <summary>What a saga that was loaded has in it.</summary>
public sealed record ParcelSeen(Size Size, DateTime? SentAt, string[] Labels, string? Note, int Looks, string Region);

public enum Size
{
    Small,
    Large
}

/// <summary>A saga with columns of every kind: converted, empty, a list, set by nobody else, behind a field, and not in the class at all.</summary>
public sealed class Parcel : SagaStateMachineInstance
{
    string? _note;

    public Guid CorrelationId { get; set; }
    public string CurrentState { get; set; } = "";
    public Size Size { get; set; }
    public DateTime? SentAt { get; set; }
    public string[] Labels { get; set; } = [];
    public int Looks { get; private set; }

    public string? Note => _note;

    public void Describe(string? note) => _note = note;

    public void Look() => Looks++;
}

sealed class ParcelMap : SagaClassMap<Parcel>
{
    public const string Region = "Region";

    protected override void Configure(EntityTypeBuilder<Parcel> entity, ModelBuilder model)
    {
        entity.ToTable("parcels", "migration");
        entity.Property(x => x.Size).HasConversion<string>();
        entity.Property(x => x.Note).HasField("_note");
        entity.Property<string>(Region).HasDefaultValue("North");
        entity.Property<uint>("xmin").IsRowVersion();
    }
}

public sealed class ParcelStateMachine : MassTransitStateMachine<Parcel>
{
    public ParcelStateMachine()
    {
        InstanceState(x => x.CurrentState);
        Event(() => Send, x => x.CorrelateById(m => m.Message.ParcelId));
        Event(() => LookAt, x => x.CorrelateById(m => m.Message.ParcelId));
        Initially(When(Send)
            .Then(x =>
            {
                (x.Saga.Size, x.Saga.SentAt, x.Saga.Labels) = (x.Message.Size, x.Message.SentAt, ["fragile", "this way up"]);
                x.Saga.Describe(x.Message.Note);
            })
            .TransitionTo(Sent));
        During(Sent, When(LookAt)
            .Then(x => x.Saga.Look())
            .Publish(x => new ParcelSeen(x.Saga.Size, x.Saga.SentAt, x.Saga.Labels, x.Saga.Note, x.Saga.Looks,
                x.GetDbContext<CounterDbContext>().Entry(x.Saga).Property<string>(ParcelMap.Region).CurrentValue)));
    }

    public State Sent { get; private set; } = null!;

    public Event<SendParcel> Send { get; private set; } = null!;

    public Event<LookAtParcel> LookAt { get; private set; } = null!;
}
