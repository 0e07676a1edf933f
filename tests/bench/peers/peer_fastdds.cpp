/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fast DDS over its data-sharing delivery.
 *
 * Settings, with their sources (Fast DDS documentation 2.9):
 * - Data-sharing delivery (transport/datasharing): the reader looks into the writer's history, which lies in shared memory. It wants a
 *   bounded type; ours is also plain, so that nothing is serialised. Written by hand, since fastddsgen wants Java and would make the
 *   same of an array.
 * - Loans at both ends, "Zero-Copy communication" (use_cases/zero_copy).
 * - Reliable, volatile, keep last as many as are under way; all of it allocated beforehand (use_cases/realtime/allocations).
 * - wait_for_unread_message in front of each take, many samples at a time.
 * - The shared memory transport alone, for discovery too: nothing leaves this machine.
 */
#include <chrono>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <thread>

#include <fastdds/dds/domain/DomainParticipant.hpp>
#include <fastdds/dds/domain/DomainParticipantFactory.hpp>
#include <fastdds/dds/publisher/DataWriter.hpp>
#include <fastdds/dds/publisher/Publisher.hpp>
#include <fastdds/dds/publisher/qos/DataWriterQos.hpp>
#include <fastdds/dds/subscriber/DataReader.hpp>
#include <fastdds/dds/subscriber/SampleInfo.hpp>
#include <fastdds/dds/subscriber/Subscriber.hpp>
#include <fastdds/dds/subscriber/qos/DataReaderQos.hpp>
#include <fastdds/dds/topic/TopicDataType.hpp>
#include <fastdds/dds/topic/TypeSupport.hpp>
#include <fastdds/rtps/transport/shared_mem/SharedMemTransportDescriptor.h>

#include "tests/bench/peers/fastdds.h"

namespace fast = eprosima::fastdds::dds;
namespace rtps = eprosima::fastrtps::rtps;
using eprosima::fastrtps::types::ReturnCode_t;

namespace
{

constexpr uint32_t domain = 71;
constexpr uint32_t header_bytes = 4; /* CDR's encapsulation, in front of each payload */
constexpr int32_t takes_max = 64;
constexpr int match_ms = 10000;

/* An array of bytes of one length, as plain as a type can be. */
class Bytes : public fast::TopicDataType
{
      public:
	explicit Bytes(uint32_t bytes) : bytes_(bytes)
	{
		setName(("bytes" + std::to_string(bytes)).c_str());
		m_typeSize = bytes + header_bytes;
		m_isGetKeyDefined = false;
	}

	bool serialize(void *data, rtps::SerializedPayload_t *payload) override
	{
		static const unsigned char header[header_bytes] = {0, CDR_LE, 0, 0};
		std::memcpy(payload->data, header, header_bytes);
		std::memcpy(payload->data + header_bytes, data, bytes_);
		payload->encapsulation = CDR_LE;
		payload->length = bytes_ + header_bytes;
		return true;
	}

	bool deserialize(rtps::SerializedPayload_t *payload, void *data) override
	{
		if (payload->length != bytes_ + header_bytes)
			return false;
		std::memcpy(data, payload->data + header_bytes, bytes_);
		return true;
	}

	std::function<uint32_t()> getSerializedSizeProvider(void *) override
	{
		uint32_t bytes = bytes_ + header_bytes;
		return [bytes]() { return bytes; };
	}

	void *createData() override
	{
		return new unsigned char[bytes_]();
	}

	void deleteData(void *data) override
	{
		delete[] static_cast<unsigned char *>(data);
	}

	bool getKey(void *, rtps::InstanceHandle_t *, bool) override
	{
		return false;
	}

	bool is_bounded() const override
	{
		return true;
	}

	bool is_plain() const override
	{
		return true;
	}

	bool construct_sample(void *) const override
	{
		return true;
	}

      private:
	uint32_t bytes_;
};

/* One per process: each side of a conversation is a process. */
fast::DomainParticipant *participant;
fast::Publisher *publisher;
fast::Subscriber *subscriber;
fast::Topic *topics[2];
fast::DataWriter *writer;
fast::DataReader *reader;
fast::LoanableSequence<unsigned char> taken;
fast::SampleInfoSeq infos;
int32_t given_count;
uint32_t message_bytes;

fast::DomainParticipant *make_participant()
{
	fast::DomainParticipantQos qos = fast::PARTICIPANT_QOS_DEFAULT;

	qos.transport().use_builtin_transports = false;
	qos.transport().user_transports.push_back(
		std::make_shared<eprosima::fastdds::rtps::SharedMemTransportDescriptor>());
	return fast::DomainParticipantFactory::get_instance()->create_participant(domain, qos);
}

/* Of both sides alike: what is kept is what may be under way, and has its memory from the beginning. */
template <class Qos> void set_qos(Qos &qos, uint32_t depth)
{
	qos.reliability().kind = fast::RELIABLE_RELIABILITY_QOS;
	qos.durability().kind = fast::VOLATILE_DURABILITY_QOS;
	qos.history().kind = fast::KEEP_LAST_HISTORY_QOS;
	qos.history().depth = static_cast<int32_t>(depth);
	qos.resource_limits().max_samples = static_cast<int32_t>(depth);
	qos.resource_limits().max_instances = 1;
	qos.resource_limits().max_samples_per_instance = static_cast<int32_t>(depth);
	qos.resource_limits().allocated_samples = static_cast<int32_t>(depth);
	qos.endpoint().history_memory_policy = rtps::PREALLOCATED_MEMORY_MODE;
	qos.data_sharing().on("");
}

bool make_ends(uint32_t side, uint32_t depth)
{
	fast::DataWriterQos writer_qos = fast::DATAWRITER_QOS_DEFAULT;
	fast::DataReaderQos reader_qos = fast::DATAREADER_QOS_DEFAULT;

	set_qos(writer_qos, depth);
	set_qos(reader_qos, depth);
	writer = publisher->create_datawriter(topics[side], writer_qos);
	reader = subscriber->create_datareader(topics[1 - side], reader_qos);
	return writer && reader;
}

/* What is sent before both sides know each other would be lost, as DDS has it. */
bool wait_for_match()
{
	for (int i = 0; i < match_ms; i++) {
		fast::PublicationMatchedStatus out;
		fast::SubscriptionMatchedStatus in;
		writer->get_publication_matched_status(out);
		reader->get_subscription_matched_status(in);
		if (out.current_count > 0 && in.current_count > 0)
			return true;
		std::this_thread::sleep_for(std::chrono::milliseconds(1));
	}
	return false;
}

} /* namespace */

const char *fastdds_open(uint32_t side, uint32_t bytes, uint32_t depth)
{
	fast::TypeSupport type(new Bytes(bytes));

	message_bytes = bytes;
	participant = make_participant();
	if (participant == nullptr)
		return "no participant over shared memory";
	type.register_type(participant);
	topics[0] = participant->create_topic("there", type.get_type_name(), fast::TOPIC_QOS_DEFAULT);
	topics[1] = participant->create_topic("back", type.get_type_name(), fast::TOPIC_QOS_DEFAULT);
	publisher = participant->create_publisher(fast::PUBLISHER_QOS_DEFAULT);
	subscriber = participant->create_subscriber(fast::SUBSCRIBER_QOS_DEFAULT);
	if (!topics[0] || !topics[1] || !publisher || !subscriber || !make_ends(side, depth))
		return "no writer or no reader with data sharing";
	return wait_for_match() ? nullptr : "writer and reader did not find each other in 10 s";
}

void fastdds_close(void)
{
	reader->return_loan(taken, infos);
	participant->delete_contained_entities();
	fast::DomainParticipantFactory::get_instance()->delete_participant(participant);
}

int fastdds_send(const void *message)
{
	void *loan = nullptr;

	if (writer->loan_sample(loan, fast::DataWriter::LoanInitializationKind::NO_LOAN_INITIALIZATION) !=
	    ReturnCode_t::RETCODE_OK)
		return 0;
	std::memcpy(loan, message, message_bytes);
	return writer->write(loan);
}

static bool take_more()
{
	reader->return_loan(taken, infos);
	given_count = 0;
	if (!reader->wait_for_unread_message(eprosima::fastrtps::c_TimeInfinite))
		return false;
	ReturnCode_t result = reader->take(taken, infos, takes_max);
	return result == ReturnCode_t::RETCODE_OK || result == ReturnCode_t::RETCODE_NO_DATA;
}

int fastdds_receive(void *message)
{
	for (;;) {
		while (given_count < taken.length()) {
			int32_t index = given_count++;
			/* Without data: a writer has come or gone. */
			if (!infos[index].valid_data)
				continue;
			std::memcpy(message, taken.buffer()[index], message_bytes);
			return 1;
		}
		if (!take_more())
			return 0;
	}
}
