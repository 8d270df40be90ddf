using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Migration.Tests.Transport;

public class Requests_Specs : TransportFixture
{
    [Test]
    public async Task Should_answer_a_request_over_the_bus_queue_and_delete_it_at_the_stop()
    {
        await StartBus(cfg => cfg.ReceiveEndpoint("questions", e => e.Handler<Question>(x => x.RespondAsync(new Answer(x.Message.Number + 1)))));
        var client = await StartBus(_ => { }, x => x.AddRequestClient<Question>(new Uri("queue:questions")));
        Assert.That(Broker.Depths.Select(x => x.Name), Is.EqualTo(new[] { "questions" }), "no bus queue before somebody needs one");

        using var scope = client.Services.CreateScope();
        var response = await scope.ServiceProvider.GetRequiredService<IRequestClient<Question>>().GetResponse<Answer>(new Question(41));

        Assert.That(response.Message.Number, Is.EqualTo(42));
        Assert.That(Broker.Depths, Has.Count.EqualTo(2));

        await client.Stop();
        Assert.That(Broker.Depths.Select(x => x.Name), Is.EqualTo(new[] { "questions" }));
    }
}
